"""The customer service as a process of its own: `python -m bookstore.customer serve|migrate`."""

from contextlib import AbstractAsyncContextManager

from bookstore.customer.app import MIGRATIONS, open_customer
from bookstore.customer.settings import Settings
from bookstore.kit.process import Near, Process
from bookstore.kit.service import Service


def opened(settings: Settings, near: Near) -> AbstractAsyncContextManager[Service]:
    """Open the service among its neighbours."""
    return open_customer(
        settings,
        identity=near("identity"),
        order=near("order"),
        payment=near("payment"),
        catalog=near("catalog"),
    )


if __name__ == "__main__":
    Process(
        name="customer",
        settings=Settings,
        migrations=MIGRATIONS,
        open=opened,
        neighbours=("identity", "order", "payment", "catalog"),
    ).main()
