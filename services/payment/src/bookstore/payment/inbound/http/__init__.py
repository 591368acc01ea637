"""The REST API: documents in, use case, documents out; one module a tag of the contract."""
