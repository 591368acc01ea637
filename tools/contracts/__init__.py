"""How the specifications become libs/contracts: read `openapi`, `annotate` and `idp`."""
