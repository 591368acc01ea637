"""Inventory in a SQL database: one module for what belongs together."""

from bookstore.inventory.outbound.sql.store import SqlInventory

__all__ = ["SqlInventory"]
