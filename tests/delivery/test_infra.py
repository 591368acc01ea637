"""Terraform's files, Vault's policies, and what makes secrets, databases and clients."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.delivery import terraform
from tools.delivery.infra import SERVERS, rendered
from tools.delivery.install import program
from tools.delivery.ladder import Rung, climb
from tools.delivery.manifests import documents

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
FILES = sorted(str(path.relative_to(ROOT)) for path in INFRA.rglob("*.tf"))
SERVICES = ("catalog", "customer", "identity", "inventory", "order", "payment")
POLICIES = INFRA / "terraform/access/policies"


def stand_in(folder: Path, name: str, script: str) -> dict[str, str]:
    """Put a program of that name before all others."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}


def run(script: Path, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", str(script)], env=env, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("path", FILES)
def test_a_terraform_file_is_as_it_should_be(path: str) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("NOT READ: terraform is not here")
    good = terraform.committed(path)
    assert climb(good, good.read(), to=Rung.POLICY) is None


def terraform_at(folder: str, command: str, data: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program("terraform"), f"-chdir={INFRA / 'terraform' / folder}", command, "-no-color"],
        env=os.environ | {"TF_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_version_table_is_tested_by_terraform_itself(tmp_path: Path) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("NOT TESTED: terraform is not here")
    said = ""
    for command in ("init", "validate", "test"):
        done = terraform_at("modules/versions", command, tmp_path)
        said = done.stdout
        assert done.returncode == 0, said + done.stderr
    assert "2 passed, 0 failed" in said


@pytest.mark.parametrize("folder", ["platform", "access", "store", "modules/vault"])
def test_what_terraform_plans(tmp_path: Path, folder: str) -> None:
    if shutil.which("terraform") is None:
        pytest.skip("NOT PLANNED: terraform is not here")
    if terraform_at(folder, "init", tmp_path).returncode:
        (INFRA / "terraform" / folder / ".terraform.lock.hcl").unlink(missing_ok=True)
        pytest.skip("NOT PLANNED: its provider is not to be had")
    assert terraform_at(folder, "validate", tmp_path).returncode == 0
    done = terraform_at(folder, "test", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_says_the_versions_that_are_installed() -> None:
    table = (INFRA / "terraform/modules/versions/main.tf").read_text(encoding="utf-8")
    readme = (INFRA / "README.md").read_text(encoding="utf-8")
    (found,) = terraform.parsed(table)["locals"]
    for name, chart in found["charts"].items():
        assert re.search(rf"\| [^|\n]*{re.escape(chart['version'])}\b[^|\n]* \|", readme), name
    for name in SERVERS:
        image = yaml.safe_load((INFRA / f"charts/server/{name}.yaml").read_text())["image"]
        assert f"| {image.rpartition(':')[2]} |" in readme, name
    for folder in ("calico", "tekton"):
        text = (ROOT / f"deploy/kustomize/{folder}/kustomization.yaml").read_text()
        for version in re.findall(r"/(v\d+\.\d+\.\d+)/", text):
            assert version in readme


def allowed(role: str) -> list["re.Pattern[str]"]:
    """What a policy lets one read, as patterns."""
    text = (POLICIES / f"{role}.hcl").read_text(encoding="utf-8")
    found = []
    for path, capabilities in re.findall(r'path "([^"]+)" \{\s+capabilities = \[([^]]+)\]', text):
        assert capabilities == '"read"'
        pattern = re.escape(path).replace(r"\+", "[^/]+").replace(r"\*", ".*")
        found.append(re.compile(pattern))
    return found


def readers() -> Iterator[tuple[str, Any]]:
    """Yield each of our servers' pods, with its Vault role."""
    for name in SERVERS:
        for document in documents(rendered(name)):
            if document["kind"] in {"StatefulSet", "Job"}:
                meta = document["spec"]["template"]["metadata"]["annotations"]
                yield meta["vault.hashicorp.com/role"], document


def test_every_reader_may_read_what_it_reads_and_no_more() -> None:
    for role, document in readers():
        meta = document["spec"]["template"]["metadata"]["annotations"]
        paths = {
            path
            for name, path in meta.items()
            if name.startswith("vault.hashicorp.com/agent-inject-secret-")
        }
        assert paths
        policies = allowed(role)
        for path in paths:
            assert any(policy.fullmatch(path) for policy in policies), (role, path)
        for policy in policies:
            assert any(policy.fullmatch(path) for path in paths), (role, policy.pattern)


def test_a_service_reads_its_own_secrets_only() -> None:
    for service in SERVICES:
        (policy,) = allowed(service)
        assert policy.fullmatch(f"kv/data/bookstore/{service}/database")
        others = (f"kv/data/bookstore/{other}/database" for other in SERVICES if other != service)
        assert not any(policy.fullmatch(path) for path in (*others, "kv/data/infra/mysql"))


def test_every_role_has_its_policy_and_its_accounts() -> None:
    text = (INFRA / "terraform/access/main.tf").read_text(encoding="utf-8")
    used = {role for role, _ in readers()} | set(SERVICES) | {"cert-manager"}
    assert used == {path.stem for path in POLICIES.glob("*.hcl")}
    for role, document in readers():
        assert document["spec"]["template"]["spec"]["serviceAccountName"] == role
        assert f'"{role.removesuffix("-setup")}"' in text or f"{role} = " in text


KUBECTL = """
printf '%s\\n' "$*" >> "$SAID"
case "$*" in
*"kv put"*)
    path=$(echo "$*" | sed 's/.*-cas=0 \\([^ ]*\\) -$/\\1/' | tr / _)
    read -r token
    [ "$token" = a-token ] || { echo "permission denied"; exit 2; }
    [ ! -e "$KEPT/$path" ] || { echo "check-and-set parameter did not match"; exit 2; }
    cat > "$KEPT/$path" ;;
*"kv get"*) sed 's/.*"url": "\\([^"]*\\)".*/\\1/' "$KEPT/bookstore_payment_database" ;;
"get secret"*) [ -e "$KEPT/$5" ] || [ -e "$KEPT/secret-$4-$5" ] ;;
"create secret"*) cat > "$KEPT/secret-$5-$6" ;;
esac
"""


@pytest.fixture
def vault(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "kept").mkdir()
    return stand_in(tmp_path / "bin", "kubectl", KUBECTL) | {
        "SAID": str(tmp_path / "said"),
        "KEPT": str(tmp_path / "kept"),
        "VAULT_TOKEN": "a-token",
    }


def kept(tmp_path: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (tmp_path / "kept").iterdir()}


def test_secrets_are_made_once_and_never_told(tmp_path: Path, vault: dict[str, str]) -> None:
    first = run(INFRA / "secrets.sh", vault)
    assert first.returncode == 0, first.stderr
    made = kept(tmp_path)
    again = run(INFRA / "secrets.sh", vault)
    assert again.returncode == 0, again.stderr
    assert kept(tmp_path) == made
    assert "made" not in again.stdout
    values = {
        value
        for name, text in made.items()
        if not name.startswith("secret-")
        for value in json.loads(text).values()
        if "conductor:8080" not in value
    }
    told = (tmp_path / "said").read_text() + first.stdout + again.stdout
    assert len(values) == 20
    assert not [value for value in values if value in told]
    assert not re.search(r"[0-9a-f]{24}", told)
    assert "a-token" not in told


def test_every_path_that_is_read_has_its_secret_and_key(
    tmp_path: Path, vault: dict[str, str]
) -> None:
    assert run(INFRA / "secrets.sh", vault).returncode == 0
    made = {name.replace("_", "/"): text for name, text in kept(tmp_path).items()}
    for _, document in readers():
        meta = document["spec"]["template"]["metadata"]["annotations"]
        for template in (text for name, text in meta.items() if "/agent-inject-template-" in name):
            said = re.fullmatch(
                r'\{\{ with secret "kv/data/(\S+)" \}\}\{\{ \.Data\.data\.(\w+) \}\}\{\{ end \}\}',
                template,
            )
            assert said, template
            assert len(json.loads(made[said[1]])[said[2]]) >= 32


def test_the_card_network_has_the_password_of_payment(
    tmp_path: Path, vault: dict[str, str]
) -> None:
    assert run(INFRA / "secrets.sh", vault).returncode == 0
    made = kept(tmp_path)
    own = json.loads(made["bookstore_payment_database"])["url"]
    network = json.loads(made["bookstore_payment_network"])["url"]
    assert network == f"{own.rpartition('/')[0]}/card_network"


def test_a_token_that_may_not_stops_it(tmp_path: Path, vault: dict[str, str]) -> None:
    done = run(INFRA / "secrets.sh", vault | {"VAULT_TOKEN": "another"})
    assert done.returncode == 1
    assert "permission denied" in done.stderr
    assert not kept(tmp_path)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for service in SERVICES:
        url = f"mysql://{service}:pw-of-{service}@mysql.mysql:3306/{service}"
        (folder / service).write_text(url)
    (folder / "root-password").write_text("pw-of-root")
    return folder


def test_mysql_gets_a_database_and_an_account_for_each(tmp_path: Path, secrets: Path) -> None:
    env = stand_in(tmp_path / "bin", "mysql", 'echo "$* $MYSQL_PWD" >&2; cat')
    script = INFRA / "terraform/modules/mysql/databases.sh"
    done = run(script, env | {"SECRETS": str(secrets)})
    assert done.returncode == 0
    assert done.stderr == "--host=mysql --user=root pw-of-root\n"
    said = done.stdout.splitlines()
    for service in SERVICES:
        assert f"ALTER USER '{service}'@'%' IDENTIFIED BY 'pw-of-{service}';" in said
        assert f"GRANT ALL ON `{service}`.* TO '{service}'@'%';" in said
    assert "GRANT ALL ON `card_network`.* TO 'payment'@'%';" in said
    assert len(said) == 4 * len(SERVICES) + 2


def test_keycloaks_clients_get_what_the_services_have(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for service in SERVICES:
        (secrets / service).write_text(f"the-secret-of-{service}-is-long-enough")
    (secrets / "admin-password").write_text("pw-of-admin")
    place = tmp_path / "etc"
    place.mkdir()
    shutil.copy(INFRA / "terraform/modules/keycloak/clients.sh", place)
    shutil.copy(ROOT / "deploy/keycloak/secrets.sh", place)
    listed = "\\n".join(f"{service},id-of-{service}" for service in SERVICES)
    env = stand_in(
        tmp_path / "bin",
        "kcadm",
        f"case $1 in get) printf '{listed}\\n' ;; update) echo \"$2 $(cat)\" ;; esac",
    )
    done = run(
        place / "clients.sh",
        env
        | {"SECRETS": str(secrets), "KCADM": "kcadm", "KEYCLOAK_URL": "http://keycloak:8080"}
        | {"KEYCLOAK_ADMIN": "admin"},
    )
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(
        f'clients/id-of-{service} {{"secret": "the-secret-of-{service}-is-long-enough"}}'
        for service in SERVICES
    )


def test_tekton_is_told_what_we_want_otherwise(tmp_path: Path) -> None:
    """The release is not to be had here; its two ConfigMaps are in Tekton's module."""
    folder = tmp_path / "tekton"
    shutil.copytree(ROOT / "deploy/kustomize/tekton", folder)
    text = (folder / "kustomization.yaml").read_text(encoding="utf-8")
    version = re.search(r"/pipeline/previous/(v[\d.]+)/", text)
    assert version
    module = json.loads(
        subprocess.run(
            [
                program("go"),
                "mod",
                "download",
                "-json",
                f"github.com/tektoncd/pipeline@{version[1]}",
            ],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    )["Dir"]
    names = ("config-defaults", "config-feature-flags")
    for name in names:
        shutil.copy(f"{module}/config/{name}.yaml", folder)
    resources = "".join(f"  - {name}.yaml\n" for name in names)
    text = re.sub(r"(?:  - https://.*\n)+", resources, text)
    (folder / "kustomization.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [program("kustomize"), "build", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = {each["metadata"]["name"]: each["data"] for each in yaml.safe_load_all(done.stdout)}
    assert made["config-defaults"]["default-service-account"] == "pipeline"
    flags = made["feature-flags"]
    assert flags["set-security-context-read-only-root-filesystem"] == "true"
    upstream = yaml.safe_load((folder / "config-feature-flags.yaml").read_text())["data"]
    assert flags.keys() == upstream.keys()
