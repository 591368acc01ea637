"""Orders: what customers asked for, and the sagas that see each order through.

Read domain.order for what an order is and how far it may go, application.place_order for how
one comes about, saga for the steps it then takes and application.advance_order for our part in
them, app for how it is put together; inbound and outbound join it to the world.
"""
