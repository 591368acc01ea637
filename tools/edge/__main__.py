"""Writes deploy/edge/envoy.json: `python -m tools.edge`; `--check` fails where it is stale.

The addresses are those of compose.yaml: a host per service, each serving on port 8080, and
Keycloak's, whose realm clients find at the edge too.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from tools.edge.envoy import ROLES, Edge, configuration
from tools.edge.routes import services

COMMITTED: Final = Path(__file__).parents[2] / "deploy/edge/envoy.json"
ISSUER: Final = "http://127.0.0.1:8080/realms/bookstore"
_PORT: Final = 8080
_KEYS: Final = "/realms/bookstore/protocol/openid-connect/certs"


def composed() -> Edge:
    """Return the edge in front of six containers."""
    return Edge(
        listen=("0.0.0.0", _PORT),  # noqa: S104 — a container publishes it on loopback
        admin=("127.0.0.1", 9901),
        upstreams={
            f"{service}-{role}": [(service, _PORT)] for service in services() for role in ROLES
        },
        issuer=ISSUER,
        audience="bookstore",
        keys=(("keycloak", _PORT), _KEYS),
        realm=("keycloak", _PORT),
    )


def main() -> None:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    made = json.dumps(configuration(composed()), indent=2) + "\n"
    if not parser.parse_args().check:
        COMMITTED.write_text(made, encoding="utf-8")
    elif COMMITTED.read_text(encoding="utf-8") != made:
        sys.exit("deploy/edge/envoy.json is stale: `make generate` writes it")


if __name__ == "__main__":
    main()
