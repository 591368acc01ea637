"""Payment as it is really put together: its own databases, its own card network."""

from pathlib import Path
from typing import Any

import pytest

from bookstore.kit.ids import uuid7
from bookstore.kit.rpc import Loopback
from bookstore.kit.settings import SettingsError, read_settings
from bookstore.payment.__main__ import opened
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


@pytest.mark.parametrize(
    ("role", "methods", "offers"),
    [
        ("all", {"GET", "POST"}, (1, 4, 1)),
        ("query", {"GET"}, (1, 0, 0)),
        ("command", {"POST"}, (0, 4, 1)),
    ],
)
async def test_a_process_of_its_own_serves_what_its_role_says(
    tmp_path: Path, role: Any, methods: set[str], offers: tuple[int, int, int]
) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/payment.db",
        card_network_url=f"sqlite:///{tmp_path}/card_network.db",
        role=role,
    )
    async with opened(settings, lambda _name: Loopback().channel) as service:
        assert {operation.method for operation in service.operations} == methods
        assert (len(service.rpc), len(service.tasks), len(service.background)) == offers


def test_settings_come_from_the_environment() -> None:
    environment = {
        "PAYMENT_DATABASE_URL": "sqlite:///p.db",
        "WEBHOOK_SECRET": "s",
        "SWEEP_EVERY": "5",
    }
    settings = read_settings(Settings, "PAYMENT", environment)
    assert (settings.database_url, settings.webhook_secret) == ("sqlite:///p.db", "s")
    assert settings.sweep_every == 5
    with pytest.raises(SettingsError, match="SWEEP_EVERY"):
        read_settings(Settings, "PAYMENT", {"SWEEP_EVERY": "0"})
