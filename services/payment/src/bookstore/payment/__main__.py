"""Payment as a process of its own: `python -m bookstore.payment serve|work|migrate`.

ROLE=query serves what only reads; ROLE=command serves what writes, works on the sagas' tasks
and sweeps.
"""

from contextlib import AbstractAsyncContextManager

from bookstore.kit.process import Near, Process, WorkerProcess
from bookstore.kit.service import Service
from bookstore.payment.app import MIGRATIONS, open_payment
from bookstore.payment.settings import Settings
from bookstore.saga.conductor.working import work_settings, working


def opened(settings: Settings, near: Near) -> AbstractAsyncContextManager[Service]:
    """Open payment beside its only neighbour."""
    return open_payment(settings, order=near("order"))


if __name__ == "__main__":
    Process(
        name="payment",
        settings=Settings,
        migrations=MIGRATIONS,
        open=opened,
        neighbours=("order",),
        worker=WorkerProcess(working, work_settings),
    ).main()
