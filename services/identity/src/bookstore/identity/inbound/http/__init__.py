"""The REST API: documents in, use case, documents out; a module for each tag."""
