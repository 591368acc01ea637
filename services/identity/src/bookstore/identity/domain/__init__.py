"""What accounts, sessions and passwords are; knows nothing else."""
