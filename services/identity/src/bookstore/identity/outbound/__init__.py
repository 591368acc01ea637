"""How we reach the world: one module or package a technology."""
