"""The stories of the catalog: one module a story, and the ports they need."""
