"""How the world reaches the catalog: one module a technology."""
