"""Identity: who has an account, who is signed in, and the tokens that prove it.

Read domain.session for how a session goes on, domain.throttle for how guessing is slowed down,
application.ports for what an identity provider is, outbound.builtin for our own, app for how it
is put together.
"""
