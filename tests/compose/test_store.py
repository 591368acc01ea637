"""The store as `docker compose up` starts it: healthy, closed, with few rights, in business."""

import os
import subprocess
import sys

import httpx
from tests.compose.conftest import Composed
from tests.harness.engine import ROOT
from tools.compose.told import SIX

STAFF = "staff@bookstore.example"
JOBS = {f"{service}-migrate" for service in SIX} | {
    "mariadb-databases",
    "postgres-databases",
    "keycloak-secrets",
}


def name(container: dict[str, dict[str, dict[str, str]]]) -> str:
    return container["Config"]["Labels"]["com.docker.compose.service"]


def verified(store: Composed) -> str:
    done = subprocess.run(
        [ROOT / "deploy/compose/verify.sh"],
        env=store.engine.environment
        | store.environment
        | {
            "COMPOSE_FILE": ":".join(store.files),
            "BOOKSTORE": f"{sys.executable} -m bookstore.cli",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_all_are_healthy_and_the_jobs_done(store: Composed) -> None:
    states = {name(each): each["State"] for each in store.containers()}

    assert {job: states.pop(job)["ExitCode"] for job in JOBS} == dict.fromkeys(JOBS, 0)
    assert {service: state["Health"]["Status"] for service, state in states.items()} == (
        dict.fromkeys(states, "healthy")
    )


def test_the_demo_is_a_success(store: Composed) -> None:
    password = (store.secrets / "staff_password").read_text().strip()
    done = subprocess.run(
        [sys.executable, "-m", "bookstore.cli", "demo", "--url", store.url],
        env=dict(os.environ)
        | {"BOOKSTORE_STAFF_EMAIL": STAFF, "BOOKSTORE_STAFF_PASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 clicks, 1 order" in done.stdout
    assert "invariants hold" in verified(store)


def test_people_find_keycloak_at_the_edge_and_nobody_its_administration(store: Composed) -> None:
    realm = httpx.get(f"{store.url}/realms/bookstore/.well-known/openid-configuration").json()

    assert realm["issuer"] == "http://127.0.0.1:8080/realms/bookstore"
    assert httpx.get(f"{store.url}/admin/").status_code == 404


def test_nothing_but_the_edge_is_open_and_that_on_loopback(store: Composed) -> None:
    opened = {
        (name(each), binding["HostIp"])
        for each in store.containers()
        for bindings in each["NetworkSettings"]["Ports"].values()
        for binding in bindings or ()
    }

    assert opened == {("edge", "127.0.0.1")}


def test_nobody_may_more_than_it_must(store: Composed) -> None:
    for service in (*SIX, "order-work", "edge", "keycloak", "mariadb", "postgres", "conductor"):
        shown = store.inside(service, "id -u; grep -E '^(CapEff|NoNewPrivs)' /proc/1/status")
        user, capabilities, privileges = shown.stdout.splitlines()

        assert user != "0", service
        assert (capabilities.split()[1], privileges.split()[1]) == ("0" * 16, "1"), service
        assert store.inside(service, "touch /written").returncode != 0, service


def test_no_secret_shows_where_docker_is_asked(store: Composed) -> None:
    shown = store.engine.docker("inspect", *(each["Id"] for each in store.containers()))
    secrets = [file.read_text().strip() for file in store.secrets.iterdir()]

    assert len(secrets) > 20
    assert [secret for secret in secrets if secret in shown] == []


def test_a_service_ends_in_good_order_and_comes_back(store: Composed) -> None:
    ended = ("order", "order-work")
    store.compose("stop", *ended)
    codes = {name(each): each["State"]["ExitCode"] for each in store.containers()}
    again = store.compose("up", "--detach", "--no-deps", "--no-build", "--wait", *ended)

    assert [codes[service] for service in ended] == [0, 0]
    assert again.returncode == 0, again.stderr
