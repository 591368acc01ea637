"""The catalogue: what other tables say of books, authors and publishers exists."""

from typing import Final

from bookstore.cli.verify.invariant import Invariant

CATALOGUE: Final = (
    Invariant(
        "every book that is stocked, ordered or wished for is in the catalogue",
        "SELECT count(*) FROM catalog.book",
        """SELECT who || ' of book ' || book_id || ', which does not exist'
           FROM (SELECT 'stock ' || id || ' is' AS who, book_id FROM inventory.stock
                 UNION ALL SELECT 'order ' || id || ' has a line', book_id
                 FROM ordering.book_order JOIN ordering.book_order_item ON order_serial = serial
                 UNION ALL SELECT 'customer ' || customer_id || ' dreams', book_id
                 FROM customer.wishlist)
           WHERE book_id NOT IN (SELECT id FROM catalog.book)""",
    ),
    Invariant(
        "every book has the category, publisher and authors that it names, and a price",
        "SELECT count(*) FROM catalog.book",
        """SELECT 'book ' || id || ' costs ' || amount || ' ' || currency || ', category '
                  || coalesce(category_id, 'none') || ', publisher '
                  || coalesce(publisher_id, 'none')
           FROM catalog.book
           WHERE amount < 0 OR currency NOT GLOB '[A-Z][A-Z][A-Z]'
              OR category_id NOT IN (SELECT id FROM catalog.category)
              OR publisher_id NOT IN (SELECT id FROM catalog.publisher)
           UNION ALL SELECT 'book ' || book_id || ' is by author ' || author_id
           FROM catalog.book_author
           WHERE book_id NOT IN (SELECT id FROM catalog.book)
              OR author_id NOT IN (SELECT id FROM catalog.author)
           UNION ALL SELECT 'feed ' || feed || ' has book ' || book_id || ' as ' || feed_id
           FROM catalog.feed_book WHERE book_id NOT IN (SELECT id FROM catalog.book)""",
    ),
    Invariant(
        "a book's authors are counted from the first to the last",
        "SELECT count(*) FROM catalog.book_author",
        """SELECT 'book ' || book_id || ' has ' || count(*) || ' authors, numbered '
                  || min(position) || ' to ' || max(position)
           FROM catalog.book_author GROUP BY book_id
           HAVING min(position) <> 0 OR max(position) <> count(*) - 1
               OR count(DISTINCT position) <> count(*)""",
    ),
    Invariant(
        "a book on sale holds its ISBN, a retired one lets it go",
        "SELECT count(*) FROM catalog.book",
        """SELECT 'book ' || id || ' has the ISBN ' || coalesce(isbn, 'none') || ', listed as '
                  || coalesce(listed_isbn, 'none')
           FROM catalog.book
           WHERE listed_isbn IS NOT CASE WHEN retired_at IS NULL THEN isbn END""",
    ),
)
