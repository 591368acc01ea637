"""The REST API: documents in, use cases, documents out; one module for what belongs together."""

from bookstore.customer.inbound.http.customers import CustomersController
from bookstore.customer.inbound.http.orders import OrdersController
from bookstore.customer.inbound.http.payments import PaymentsController
from bookstore.customer.inbound.http.points import PointsController
from bookstore.customer.inbound.http.wishlists import WishlistsController

__all__ = [
    "CustomersController",
    "OrdersController",
    "PaymentsController",
    "PointsController",
    "WishlistsController",
]
