"""What a customer is; knows nothing else."""
