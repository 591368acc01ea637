"""What a payment is; knows nothing else."""
