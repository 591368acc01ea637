"""One module a service: its documents, its ports and how they are asked."""
