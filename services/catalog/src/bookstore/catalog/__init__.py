"""The catalog: the books we sell, their authors, publishers and categories.

Read domain.book for what a book is and domain.feed for how a feed's rows become books;
application.ports for what is needed of the world, then the stories beside it (import_books is
the longest); app for how it is put together.
"""
