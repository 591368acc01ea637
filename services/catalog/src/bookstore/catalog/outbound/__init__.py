"""How the catalog reaches the world: one module a port or a technology."""
