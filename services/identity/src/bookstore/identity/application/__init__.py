"""What can be done with accounts, and what that needs of the world."""
