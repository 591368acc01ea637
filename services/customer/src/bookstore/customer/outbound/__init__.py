"""How we reach the world: one module for our database, one for each neighbour."""
