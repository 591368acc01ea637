"""What is made of the images besides themselves, and what helps to make them."""
