"""What a book, an author, a publisher and a feed are; pure."""
