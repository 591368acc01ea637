"""Inventory: how many copies of each book lie where, and which of them orders hold.

Read domain.stock for what stock is and how it may change, domain.allocation for who gets the
last copy, application.reserve_stock for what the order saga asks; app puts it together.
"""
