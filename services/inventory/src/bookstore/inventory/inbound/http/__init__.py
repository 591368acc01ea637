"""The REST API: documents in, use cases, documents out; one module a tag."""

from bookstore.inventory.inbound.http.ledger import MovementsController
from bookstore.inventory.inbound.http.reservations import ReservationsController
from bookstore.inventory.inbound.http.stocks import StocksController
from bookstore.inventory.inbound.http.warehouses import WarehousesController

__all__ = [
    "MovementsController",
    "ReservationsController",
    "StocksController",
    "WarehousesController",
]
