"""The steps of the pipeline, run as processes: git, make and yq on real repositories, and each way
in which they have to fail.
"""

import itertools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.delivery.a_step import CATALOG, Step, load
from tools.delivery.install import program
from tools.delivery.pins import PROGRAMS

ROOT = Path(__file__).parents[2]
BRIEF = """clone-source-repo (git-clone), build-app (make), build-image (kaniko),
    clone-deploy-repo (git-clone), update-values (yq), commit-deploy-repo (git-cli),
    update-app (argocd-update-app), sync-app (argocd-task-sync-and-wait)"""
GIT = shutil.which("git") or "git"


def git(*arguments: str, at: Path) -> str:
    done = subprocess.run(
        [GIT, "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments],
        cwd=at,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A deploy repository as it is at the beginning, where Gitea would have it."""
    work, bare = tmp_path / "seed", tmp_path / "deploy.git"
    shutil.copytree(ROOT / "deploy/argocd/repository", work)
    git("init", "--quiet", "--initial-branch=main", at=work)
    git("add", ".", at=work)
    git("commit", "--quiet", "--message=begin", at=work)
    git("clone", "--quiet", "--bare", ".", str(bare), at=work)
    git("config", "uploadpack.allowAnySHA1InWant", "true", at=bare)
    return bare


def folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def clone(tmp_path: Path, upstream: Path, name: str = "clone", **params: str) -> Step:
    return Step(
        "git-clone",
        "clone",
        folder(tmp_path / f"{name}-step"),
        params={"url": str(upstream), **params},
        workspaces={"output": folder(tmp_path / name)},
    )


def update(tmp_path: Path, at: Path, service: str = "order", digest: str = "ab" * 32) -> Step:
    """The pipeline's own step, with the pipeline's own expression."""
    task = next(
        t for t in load("python-pipeline")["spec"]["tasks"] if t["name"] == "update-values"
    )
    said = {each["name"]: each["value"] for each in task["params"]}
    known = {
        "$(params.service)": service,
        "$(params.registry)": "harbor.bookstore.example/bookstore",
        "$(params.tag)": "4f1d7c2a9b3e",
        "$(tasks.clone-source-repo.results.commit)": "4f1d7c2a9b3e" + "0" * 28,
        "$(tasks.build-image.results.digest)": f"sha256:{digest}",
    }

    def filled(text: str) -> str:
        for name, value in known.items():
            text = text.replace(name, value)
        return text

    return Step(
        "yq",
        "yq",
        folder(tmp_path / f"yq-{service}"),
        params={
            "file": filled(said["file"]),
            "expression": said["expression"],
            "values": [filled(each) for each in said["values"]],
        },
        workspaces={"source": at},
        env={"PATH": f"{Path(program('yq')).parent}:/usr/bin:/bin"},
    )


def commit(tmp_path: Path, at: Path, name: str = "commit") -> Step:
    return Step(
        "git-cli",
        "git",
        folder(tmp_path / name),
        params={"path": "releases", "message": "deploy(order): $(touch /tmp/gotcha)"},
        workspaces={"source": at},
    )


def test_the_pipeline_has_the_eight_tasks_of_the_brief_in_their_order() -> None:
    tasks = load("python-pipeline")["spec"]["tasks"]
    assert [f"{task['name']} ({task['taskRef']['name']})" for task in tasks] == [
        each.strip() for each in BRIEF.split(",")
    ]
    for before, task in itertools.pairwise(tasks):
        assert task["runAfter"] == [before["name"]]


def test_the_catalog_is_what_is_installed() -> None:
    listed = yaml.safe_load((ROOT / "deploy/tekton/kustomization.yaml").read_text())["resources"]
    there = {str(path.relative_to(ROOT / "deploy/tekton")) for path in CATALOG.rglob("*.yaml")}
    assert there == {path for path in listed if path.startswith("catalog/")}
    for path in there:
        _, name, version, file = path.split("/")
        meta = load(name)["metadata"]
        assert (name, f"{name}.yaml") == (meta["name"], file)
        assert meta["labels"]["app.kubernetes.io/version"] == version


def test_the_yq_of_the_step_is_the_one_that_is_tested() -> None:
    image = load("yq")["spec"]["steps"][0]["image"]
    assert PROGRAMS["yq"].rpartition("@v")[2] == image.rpartition(":")[2]


def test_a_push_starts_each_service_alike() -> None:
    text = (ROOT / "deploy/tekton/triggers/triggers.yaml").read_text(encoding="utf-8")
    triggers = list(yaml.safe_load_all(text))
    services = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir())
    assert [trigger["metadata"]["name"] for trigger in triggers] == services
    alike = {
        yaml.safe_dump(trigger).replace(trigger["metadata"]["name"], "SERVICE")
        for trigger in triggers
    }
    assert len(alike) == 1


@pytest.mark.parametrize("depth", ["0", "1"])
def test_clone_says_which_commit_it_is(tmp_path: Path, upstream: Path, depth: str) -> None:
    step = clone(tmp_path, upstream, depth=depth)
    done = step.run()
    assert done.returncode == 0, done.stderr
    assert step.result("commit") == git("rev-parse", "main", at=upstream)
    assert (tmp_path / "clone/releases/order.yaml").exists()


def test_clone_takes_a_commit_by_its_hash(tmp_path: Path, upstream: Path) -> None:
    first = git("rev-parse", "main", at=upstream)
    assert clone(tmp_path, upstream, "one", depth="0").run().returncode == 0
    assert update(tmp_path, tmp_path / "one").run().returncode == 0
    assert commit(tmp_path, tmp_path / "one").run().returncode == 0
    step = clone(tmp_path, upstream, "two", revision=first)
    assert step.run().returncode == 0
    assert step.result("commit") == first != git("rev-parse", "main", at=upstream)


def test_clone_overwrites_nothing(tmp_path: Path, upstream: Path) -> None:
    step = clone(tmp_path, upstream)
    mine = tmp_path / "clone" / "mine"
    mine.write_text("precious")
    done = step.run()
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert mine.read_text() == "precious"


def test_clone_can_be_tried_again_on_a_fresh_disk(tmp_path: Path, upstream: Path) -> None:
    folder(tmp_path / "clone" / "lost+found")
    assert clone(tmp_path, upstream, revision="nosuch").run().returncode != 0
    assert [path.name for path in (tmp_path / "clone").iterdir()] == ["lost+found"]
    assert clone(tmp_path, upstream).run().returncode == 0


@pytest.mark.parametrize(
    "name", ["$(touch gotcha)", "; touch gotcha", "--upload-pack=touch gotcha"]
)
def test_a_branch_is_a_name_and_no_command(tmp_path: Path, upstream: Path, name: str) -> None:
    assert clone(tmp_path, upstream, revision=name).run().returncode != 0
    assert not [*tmp_path.rglob("gotcha")]


def test_make_does_what_it_is_told_in_its_folder(tmp_path: Path) -> None:
    source = folder(tmp_path / "source/app")
    (source / "Makefile").write_text("all:\n\t@echo built $(WHO)\nother:\n\t@exit 3\n")
    step = Step(
        "make",
        "make",
        tmp_path,
        params={"targets": ["all", "WHO=a b; echo no"], "directory": "app"},
        workspaces={"source": tmp_path / "source"},
    )
    done = step.run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "built a b"


def test_make_fails_as_its_target_does(tmp_path: Path) -> None:
    (folder(tmp_path / "source") / "Makefile").write_text("all:\n\t@exit 3\n")
    step = Step("make", "make", tmp_path, {"targets": ["all"]}, {"source": tmp_path / "source"})
    assert step.run().returncode == 2


def test_update_values_changes_these_four_lines_and_shows_them(
    tmp_path: Path, upstream: Path
) -> None:
    assert clone(tmp_path, upstream, depth="0").run().returncode == 0
    done = update(tmp_path, tmp_path / "clone").run()
    assert done.returncode == 0, done.stderr
    changed = [line for line in done.stdout.splitlines()[2:] if line[0] in "+-"]
    assert changed == [
        f'-revision: "{"0" * 40}" # of the source: its chart is deployed',
        f'+revision: "4f1d7c2a9b3e{"0" * 28}" # of the source: its chart is deployed',
        "-  tag: none",
        f"-  digest: sha256:{'0' * 64}",
        "+  tag: 4f1d7c2a9b3e",
        f"+  digest: sha256:{'ab' * 32}",
    ]
    assert git("status", "--porcelain", at=tmp_path / "clone") == "M releases/order.yaml"


@pytest.mark.parametrize("tag", ["123456789012", "1234567e1234"])
def test_a_tag_that_looks_like_a_number_stays_text(tmp_path: Path, tag: str) -> None:
    (tmp_path / "x.yaml").write_text('tag: "none"\nplain: none\n')
    step = Step(
        "yq",
        "yq",
        tmp_path,
        params={
            "file": "x.yaml",
            "expression": ".tag = strenv(TAG) | .plain = strenv(TAG)",
            "values": [f"TAG={tag}"],
        },
        workspaces={"source": tmp_path},
        env={"PATH": f"{Path(program('yq')).parent}:/usr/bin:/bin"},
    )
    assert step.run().returncode == 0
    assert yaml.safe_load((tmp_path / "x.yaml").read_text()) == {"tag": tag, "plain": tag}


def test_update_values_makes_no_new_file(tmp_path: Path, upstream: Path) -> None:
    assert clone(tmp_path, upstream, depth="0").run().returncode == 0
    done = update(tmp_path, tmp_path / "clone", service="orders").run()
    assert done.returncode == 1
    assert "releases/orders.yaml is not there" in done.stderr


def test_commit_pushes_what_changed_and_says_where_it_is(tmp_path: Path, upstream: Path) -> None:
    assert clone(tmp_path, upstream, depth="0").run().returncode == 0
    assert update(tmp_path, tmp_path / "clone").run().returncode == 0
    step = commit(tmp_path, tmp_path / "clone")
    done = step.run()
    assert done.returncode == 0, done.stderr
    assert step.result("commit") == git("rev-parse", "main", at=upstream)
    said = git("show", "--format=%an <%ae> %s", "--name-only", "main", at=upstream).split("\n")
    assert said[0] == ("bookstore-ci <ci@bookstore.example> deploy(order): $(touch /tmp/gotcha)")
    assert said[2:] == ["releases/order.yaml"]


def test_commit_of_nothing_is_the_commit_that_is_there(tmp_path: Path, upstream: Path) -> None:
    before = git("rev-parse", "main", at=upstream)
    assert clone(tmp_path, upstream, depth="0").run().returncode == 0
    step = commit(tmp_path, tmp_path / "clone")
    assert step.run().returncode == 0
    assert step.result("commit") == before == git("rev-parse", "main", at=upstream)


def test_two_services_that_are_released_at_once_are_both_there(
    tmp_path: Path, upstream: Path
) -> None:
    for name, service in (("one", "order"), ("two", "payment")):
        assert clone(tmp_path, upstream, name, depth="0").run().returncode == 0
        assert update(tmp_path, tmp_path / name, service=service).run().returncode == 0
    for name in ("one", "two"):
        done = commit(tmp_path, tmp_path / name, f"commit-{name}").run()
        assert done.returncode == 0, done.stderr
    for service in ("order", "payment"):
        release: Any = yaml.safe_load(git("show", f"main:releases/{service}.yaml", at=upstream))
        assert release["image"]["digest"] == f"sha256:{'ab' * 32}"


def test_two_releases_of_one_service_at_once_are_not_mixed(tmp_path: Path, upstream: Path) -> None:
    for name, digest in (("one", "ab" * 32), ("two", "cd" * 32)):
        assert clone(tmp_path, upstream, name, depth="0").run().returncode == 0
        assert update(tmp_path, tmp_path / name, digest=digest).run().returncode == 0
    assert commit(tmp_path, tmp_path / "one", "commit-one").run().returncode == 0
    first = git("rev-parse", "main", at=upstream)
    assert commit(tmp_path, tmp_path / "two", "commit-two").run().returncode != 0
    assert git("rev-parse", "main", at=upstream) == first


def test_every_script_is_one_that_can_be_read() -> None:
    for path in sorted(CATALOG.rglob("*.yaml")):
        for step in yaml.safe_load(path.read_text(encoding="utf-8"))["spec"].get("steps", ()):
            script = step.get("script", "")
            if "python3" in script.partition("\n")[0]:
                compile(script, f"{path.name}:{step['name']}", "exec")
            elif script:
                subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=True)
