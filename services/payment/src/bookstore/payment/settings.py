"""What an operator may say about payment."""

from collections.abc import Iterator, Mapping

from bookstore.kit.process_settings import url_problems
from bookstore.saga.forgetting import ParticipantSettings


class Settings(ParticipantSettings, frozen=True, kw_only=True):
    """Where payment and its card network live; each from PAYMENT_<NAME>, else from <NAME>.

    `webhook_secret` is shared with the card network: without one no webhook is believed.
    `network_*` and `sweep_every` are seconds: how long one call to the card network may take,
    how slow and how silent the simulated one is where its tokens ask for it, and how often what
    was left behind is swept up.
    """

    database_url: str = "sqlite:///payment.db"
    card_network_url: str = "sqlite:///card_network.db"
    webhook_secret: str = ""
    network_deadline: float = 3.0
    network_backoff: float = 1.0
    network_slow: float = 2.0
    network_silent: float = 30.0
    sweep_every: float = 30.0

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        yield from url_problems("CARD_NETWORK_URL", self.card_network_url)
        for name in ("network_deadline", "sweep_every"):
            if getattr(self, name) <= 0:
                yield f"{name.upper()}: must be more than 0 seconds"
        for name in ("network_backoff", "network_slow", "network_silent"):
            if getattr(self, name) < 0:
                yield f"{name.upper()}: must be 0 seconds or more"

    @property
    def written(self) -> Mapping[str, str]:
        """The databases that are written; the simulated card network's is one."""
        return {**super().written, "CARD_NETWORK_URL": self.card_network_url}
