"""Customers: who they are, what they wish for, their points, and what they bought.

Who they are is identity's to keep, orders are order's and payments payment's: these we ask.
Wish lists and points are our own. Read domain.customer for whose data are whose, then the use
cases in application; app puts it together.
"""
