"""What can be done with customers, and what that needs of the world."""
