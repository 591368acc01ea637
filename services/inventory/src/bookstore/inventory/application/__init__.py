"""What can be done with stock, and what that needs of the world."""
