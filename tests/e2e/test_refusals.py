"""Settings that do not go together: each service refuses them, and says what to change."""

import runpy
import sys

import pytest

SERVER = "mysql://shop:secret@db/shop"
REALM = "https://id.example/realms/bookstore"
NEAR = {f"{name}_RPC": "near:9080" for name in ("CATALOG", "IDENTITY", "INVENTORY", "PAYMENT")}
GOOD = {
    "HTTP": "127.0.0.1:8085",
    "RPC": "127.0.0.1:9085",
    "SERVICE_SECRET": "s" * 32,
    "DATABASE_URL": SERVER,
    "CARD_NETWORK_URL": SERVER,
    "CONDUCTOR_URL": "http://conductor:8080",
    "SAGA_ENGINE": "conductor",
    **NEAR,
}


@pytest.mark.parametrize(
    ("command", "changes", "said"),
    [
        ("order serve", {"CONDUCTOR_URL": ""}, "CONDUCTOR_URL: SAGA_ENGINE=conductor takes"),
        ("order serve", {"SAGA_ENGINE": ""}, "CONDUCTOR_URL: is set, but SAGA_ENGINE is embedded"),
        (
            "order serve",
            {"SAGA_ENGINE": "embedded", "CONDUCTOR_URL": ""},
            "serve what only reads with ROLE=query, or have Conductor run the sagas",
        ),
        ("order work", {"SAGA_ENGINE": "", "CONDUCTOR_URL": ""}, "CONDUCTOR_URL: is not set"),
        ("payment work", {"SAGA_ENGINE": "embedded"}, "SAGA_ENGINE: is embedded, which does its"),
        ("payment work", {"CONDUCTOR_URL": "conductor"}, "CONDUCTOR_URL: takes an address such"),
        ("payment work", {"WORK_AT_ONCE": "0"}, "WORK_AT_ONCE: takes 1 or more"),
        ("payment work", {"ROLE": "query"}, "ROLE: is query, which changes nothing"),
        ("payment work", {"DATABASE_URL": "sqlite:///p.db"}, "DATABASE_URL: is a SQLite file"),
        ("payment work", {"CARD_NETWORK_URL": "sqlite:///n.db"}, "CARD_NETWORK_URL: is a SQLite"),
        ("catalog work", {}, "usage: python -m bookstore.catalog serve|migrate"),
        ("catalog serve", {"STARTER": "/no/books.json"}, "CATALOG_STARTER: there is no file /no/"),
        (
            "customer serve",
            {"ROLE": "command", "DATABASE_REPLICA_URL": SERVER},
            "DATABASE_REPLICA_URL: is set, but ROLE=command reads from no replica",
        ),
        ("customer serve", {"IDP": "keycloak"}, "OIDC_ISSUER: is not set, but IDP is keycloak"),
        ("customer serve", {"OIDC_ISSUER": REALM}, "OIDC_ISSUER: is set, but IDP is builtin"),
        (
            "customer serve",
            {"IDP": "keycloak", "OIDC_ISSUER": REALM, "IDENTITY_URL": "http://identity:8080"},
            "IDENTITY_URL: is set, but IDP is keycloak",
        ),
        (
            "identity serve",
            {"IDP": "keycloak", "OIDC_ISSUER": REALM, "SERVICE_CLIENTS": f"order:{'s' * 32}"},
            "SERVICE_CLIENTS: is set, but IDP is keycloak",
        ),
        ("identity serve", {}, "SERVICE_CLIENTS: is not set; which services may ask"),
        (
            "inventory serve",
            {"RPC_KEY": __file__},
            "RPC_CERT and RPC_KEY: one does not go without",
        ),
        (
            "inventory serve",
            {"SERVICE_SECRET": "", "SERVICE_SECRET_FILE": "/no/secret"},
            "SERVICE_SECRET: /no/secret cannot be read: No such file",
        ),
    ],
)
def test_what_does_not_go_together_is_one_sentence_that_says_what_to_change(
    command: str,
    changes: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service, what = command.split()
    module = f"bookstore.{service}"
    for name, value in (GOOD | {"ORDER_RPC": "127.0.0.1:9084"} | changes).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", [module, what])
    monkeypatch.delitem(sys.modules, f"{module}.__main__", raising=False)  # another test's

    with pytest.raises(SystemExit) as end:
        runpy.run_module(module, run_name="__main__")

    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert end.value.code == 2
