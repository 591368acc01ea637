"""Our own identity provider, in the service's own database.

Read provider for what happens, and in which transaction; vault, accounts, sessions and keys
for what is kept; passwords for how passwords are hashed, signer for what tokens say.
"""
