"""The same store, distributed: six services in processes of their own, on real servers."""
