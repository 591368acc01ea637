"""A running store, for tests that see it as its users do."""
