"""Where inventory lives."""

from bookstore.saga.forgetting import ParticipantSettings


class Settings(ParticipantSettings, frozen=True, kw_only=True):
    """Each from INVENTORY_<NAME>, else from <NAME>."""

    database_url: str = "sqlite:///inventory.db"
