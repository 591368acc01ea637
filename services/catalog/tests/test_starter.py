"""The starter catalogue that we ship can be sold as it is."""

from collections import Counter
from pathlib import Path

from bookstore.catalog.inbound.starter import read_starter
from services.catalog.tests.memory import CATEGORIES

FILE = Path(__file__).parents[3] / "data/starter/books.json"
REFERENCE = {
    "9780132350884",
    "9780134494166",
    "9781449373320",
    "9780135957059",
    "9780134757599",
    "9781617293726",
}


def test_the_starter_catalogue_is_whole() -> None:
    starter = read_starter(FILE.read_bytes())
    books = [book for book, _ in starter.books]

    assert {publisher.name for publisher in starter.publishers} == {
        "O'Reilly",
        "Manning",
        "Apress",
        "Addison-Wesley",
        "Packt",
        "Pearson",
    }
    assert len(books) > 300
    assert {book.isbn for book in books} >= REFERENCE
    assert max(Counter(book.isbn for book in books).values()) == 1
    assert {book.publisher for book in books} - {None} <= {p.name for p in starter.publishers}
    assert {book.category for book in books} - {None} <= set(CATEGORIES)
    assert all(book.authors and book.price.amount > 0 for book in books)


def test_there_is_one_book_to_buy_and_one_to_sell_out() -> None:
    copies = {book.title: quantity for book, quantity in read_starter(FILE.read_bytes()).books}

    assert copies["The Hunger Games (The Hunger Games, #1)"] >= 10
    assert copies["Kubernetes in Action"] == 2
