"""A Keycloak as the identity provider: deploy/keycloak/realm.json is the realm it needs.

Read provider for what happens; realm for how it is asked, and what keeps it from answering;
users, roles and accounts for how its users are ours; open for how it is reached.
"""
