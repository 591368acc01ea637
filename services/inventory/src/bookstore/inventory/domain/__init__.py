"""What stock is; knows nothing else."""
