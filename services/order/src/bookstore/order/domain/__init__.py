"""What an order is, and what can come of it; knows nothing else."""
