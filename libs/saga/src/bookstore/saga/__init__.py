"""Sagas: steps that are all done, or undone again.

Read `spec` for what a saga is and `task` for what its participants see of it; `inbox` is how a
participant does each task once. `decide` holds the rules, `progress` the memory, `store` keeps
both, and `engine` runs them.
"""
