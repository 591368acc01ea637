"""`bookstore up`: serve the whole store from one process."""

import asyncio
import errno
import logging
import os
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore.cli import rarely_collected
from bookstore.cli.folder import Folder, open_folder
from bookstore.cli.staff import StaffNamed, staff_named
from bookstore.cli.terminal import DATA, CommandError, Data, out
from bookstore.cli.welcome import Welcome

if TYPE_CHECKING:
    import socket

    from bookstore.cli.embedded import Store
    from bookstore.kit.process_settings import RunSettings
    from bookstore.kit.rpc import Loopback

LOOK_AGAIN_S = 0.05


def up(
    host: Annotated[
        str, typer.Option(help="Where to listen; 0.0.0.0 is every address of this machine.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Which port to listen at; 0 takes a free one.")
    ] = 8080,
    data: Data = DATA,
) -> None:
    """Serve the whole store: six services, their databases and the saga engine in one process.

    The first start loads the starter catalogue and makes a staff account: the one named by
    BOOKSTORE_STAFF_EMAIL and BOOKSTORE_STAFF_PASSWORD, else one that is shown once. Ctrl-C or
    SIGTERM ends it in order; whatever else ends it loses nothing that was answered.

    Other settings come from the environment: PUBLIC_URL (where clients reach the store),
    DRAIN_DELAY (seconds), LOG_LEVEL, CORS_ORIGINS, TRUSTED_PROXIES; all are in docs/settings.md.
    """
    import uvloop  # noqa: PLC0415 `bookstore --help` need not wait for a server

    from bookstore.kit.telemetry import (  # noqa: PLC0415 likewise
        PROCESS_LOG,
        exporting,
        log_to_stderr,
    )

    settings = _run_settings()
    named = staff_named()
    log_to_stderr(settings.level, settings, service="bookstore")
    with (  # what cannot be served leaves no folder behind
        exporting(settings, service="bookstore"),
        _listening(host, port) as listener,
    ):
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        _check(Folder(data), url)
        with (
            open_folder(data) as folder,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(_serve(folder, listener, url, settings.drain_delay, named))
    logging.getLogger(PROCESS_LOG).info("stopped")
    out.print(
        f"The bookstore is stopped; its data are safe in {folder.path}",
        markup=False,
        soft_wrap=True,
    )


def _listening(host: str, port: int) -> "socket.socket":
    from bookstore.kit.server import Address, PortInUseError  # noqa: PLC0415 see `up`

    try:
        return Address(host=host, port=port).listen()
    except PortInUseError as error:
        if getattr(error.__cause__, "errno", None) == errno.EADDRINUSE:
            sentence = f"Port {port} is in use: choose another with --port."
        else:
            sentence = f"{error}: choose another address with --host and --port."
        raise CommandError(sentence) from error


def _check(folder: Folder, url: str) -> None:
    with rarely_collected():
        from bookstore.cli.embedded import check_store  # noqa: PLC0415 see `up`
    from bookstore.kit.settings import SettingsError  # noqa: PLC0415 likewise

    try:
        check_store(folder, public_url=url, environment=os.environ)
    except SettingsError as error:
        raise CommandError(f"The settings make no sense: {error}.") from error


async def _serve(
    folder: Folder, listener: "socket.socket", url: str, drain_delay: float, named: StaffNamed
) -> None:
    from bookstore.cli.embedded import open_store  # noqa: PLC0415 see `up`
    from bookstore.kit.database import NewerDataError  # noqa: PLC0415 likewise
    from bookstore.kit.errors import BookstoreError  # noqa: PLC0415 likewise
    from bookstore.kit.jobs import keep_running  # noqa: PLC0415 likewise
    from bookstore.kit.server import serve  # noqa: PLC0415 likewise

    try:
        async with open_store(folder, public_url=url, environment=os.environ) as store:
            made = await store.staff.ensure(*named)
            staff = (made.email, made.password) if made and named[1] is None else None
            async with asyncio.TaskGroup() as group:
                beside = [group.create_task(keep_running(job)) for job in store.jobs]
                beside.append(group.create_task(_greet(store, url, folder, staff)))
                await serve(
                    store.application,
                    listener,
                    drainable=store.application,
                    drain_delay=drain_delay,
                )
                for task in beside:
                    task.cancel()
    except NewerDataError as error:
        raise CommandError(
            f"{folder.path} was written by a newer bookstore ({error}): "
            "use that version, or another folder with --data."
        ) from error
    except BookstoreError as error:
        raise CommandError(f"The store cannot start: {error.detail}.") from error


def _run_settings() -> "RunSettings":
    from bookstore.kit.process_settings import RunSettings  # noqa: PLC0415 see `up`
    from bookstore.kit.settings import SettingsError, read_settings  # noqa: PLC0415 likewise

    try:
        return read_settings(RunSettings)
    except SettingsError as error:
        raise CommandError(f"The settings make no sense: {error}.") from error


async def _greet(store: "Store", url: str, folder: Folder, staff: tuple[str, str] | None) -> None:
    """Once all is ready, say where the store is and how to buy a book that it has."""
    from bookstore.kit.errors import UnavailableError  # noqa: PLC0415

    while True:
        try:
            await store.ready()
            break
        except UnavailableError:
            await asyncio.sleep(LOOK_AGAIN_S)
    folder.founded()
    book_id = await buyable(store.loopback, "hunger games")
    search = "the" if book_id is None else "hunger%20games"
    welcome = Welcome(
        url=url, data=str(folder.path), book_id=book_id or 1, search=search, staff=staff
    )
    welcome.show(out)


async def buyable(loopback: "Loopback", title: str) -> int | None:
    """Return the longest known book with such a title of which there are copies."""
    from bookstore.contracts.proto.book.v1.book_pb2 import FindAllBooksRequest  # noqa: PLC0415
    from bookstore.contracts.proto.book.v1.book_pb2_grpc import BookServiceStub  # noqa: PLC0415
    from bookstore.contracts.proto.common.v1.page_pb2 import PageRequest  # noqa: PLC0415
    from bookstore.contracts.proto.stock.v1.stock_pb2 import FindStockFiguresRequest  # noqa: PLC0415
    from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceStub  # noqa: PLC0415

    channel = loopback.channel
    books = await BookServiceStub(channel).FindAllBooks(
        FindAllBooksRequest(title=title, page=PageRequest(limit=100))
    )
    figures = await StockServiceStub(channel).FindStockFigures(
        FindStockFiguresRequest(book_ids=[book.id for book in books.items])
    )
    stocked = [item.book_id for item in figures.items if item.quantity > item.reserved_quantity]
    return min(stocked, default=None)
