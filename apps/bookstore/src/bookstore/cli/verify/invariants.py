"""What must hold of the store's data at every moment, as one table: read it aloud."""

from typing import Final

from bookstore.cli.verify.cards import CARDS
from bookstore.cli.verify.catalogue import CATALOGUE
from bookstore.cli.verify.money import MONEY
from bookstore.cli.verify.network import NETWORK
from bookstore.cli.verify.orders import ORDERS
from bookstore.cli.verify.people import PEOPLE
from bookstore.cli.verify.sagas import SAGA
from bookstore.cli.verify.stock import STOCK

INVARIANTS: Final = (
    *(MONEY + NETWORK + STOCK),
    *(ORDERS + SAGA + PEOPLE),
    *(CATALOGUE + CARDS),
)
