"""Where a neighbour is: one address or several, as in CATALOG_RPC=catalog-1:9080,catalog-2:9080.

Each is a `host:port`; all addresses that a name has in DNS count, as those of a headless Service
of Kubernetes do. `dns:///host:port` is the same, and `dns://server/host:port` asks that server.
"""

import re
from typing import Final

_LAST_PORT: Final = 65_535
_ADDRESS: Final = re.compile(
    r"(?:dns://[^/,\s]*/)?(?:[^\s:/,\[\]]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})"
)


def addresses(text: str) -> list[str]:
    """Return them one by one."""
    return [part.strip() for part in text.split(",") if part.strip()]


def is_address(text: str) -> bool:
    """Tell whether it is where one server may be."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and int(found[1]) <= _LAST_PORT


def are_addresses(text: str) -> bool:
    """Tell whether it is where a neighbour may be."""
    found = addresses(text)
    return bool(found) and all(map(is_address, found))
