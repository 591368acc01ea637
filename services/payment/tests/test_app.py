"""Payment as it is really put together: its own databases, its own card network."""

from pathlib import Path

import pytest

from bookstore.kit.ids import uuid7
from bookstore.kit.rpc import Loopback
from bookstore.kit.settings import SettingsError, read_settings
from bookstore.payment.app import open_payment
from bookstore.payment.settings import Settings
from bookstore.saga.task import Reject
from services.payment.tests.builders import a_capture_task, a_refund_task, an_authorise_task


async def test_a_purchase_and_its_cancellation_run_on_real_databases(tmp_path: Path) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/payment.db",
        card_network_url=f"sqlite:///{tmp_path}/card_network.db",
    )
    async with open_payment(settings, order=Loopback().channel) as service:
        await service.ready()
        assert await service.tasks["payment.authorise"](an_authorise_task())
        await service.tasks["payment.capture"](a_capture_task())
    async with open_payment(settings, order=Loopback().channel) as service:
        await service.tasks["payment.refund"](a_refund_task())
        declined = an_authorise_task("tok_declined", order_id=uuid7())
        with pytest.raises(Reject):
            await service.tasks["payment.authorise"](declined)


def test_settings_come_from_the_environment() -> None:
    environment = {
        "PAYMENT_DATABASE_URL": "sqlite:///p.db",
        "WEBHOOK_SECRET": "s",
        "SWEEP_EVERY": "5",
    }
    settings = read_settings(Settings, "PAYMENT", environment)
    assert (settings.database_url, settings.webhook_secret) == ("sqlite:///p.db", "s")
    assert settings.sweep_every == 5


DATABASES = "use sqlite:///FILE or mysql://USER:PASSWORD@HOST:3306/NAME"


def test_all_that_makes_no_sense_is_said_at_once() -> None:
    environment = {
        "SWEEP_EVERY": "0",
        "NETWORK_SLOW": "slowly",
        "NETWORK_BACKOFF": "-1",
        "DATABASE_URL": "postgresql://store:secret@db/payment",
        "CARD_NETWORK_URL": "nowhere",
        "ROLE": "both",
    }
    with pytest.raises(SettingsError) as refused:
        read_settings(Settings, "PAYMENT", environment)

    assert refused.value.problems == (
        "ROLE: is both, but takes all, query or command",
        "NETWORK_SLOW: is slowly, but takes a number",
        f"DATABASE_URL: postgresql is not supported: {DATABASES}",
        "CARD_NETWORK_URL: this is no URL such as sqlite:////data/order.db",
        "SWEEP_EVERY: must be more than 0 seconds",
        "NETWORK_BACKOFF: must be 0 seconds or more",
    )
