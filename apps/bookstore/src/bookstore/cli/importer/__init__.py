"""Feeds of books: `bookstore import`. The store parses and keeps; here files are cut and sent."""
