"""What can be done with payments, and what that needs of the world."""
