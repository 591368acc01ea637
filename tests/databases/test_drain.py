"""A process whose database hangs ends in time all the same."""

import sqlalchemy as sa
from tests.harness.lone_order import lone_order
from tests.harness.wire import wire_to

IN_TIME_S = 20


async def test_a_database_that_hangs_holds_nobody_up(url: str) -> None:
    place = sa.make_url(url)
    with wire_to(place.port or 3306) as wire:
        wired = place.set(port=wire.port).render_as_string(hide_password=False)
        async with lone_order(wired) as ordering:
            ordering.shelves.answers.clear()
            buying = await ordering.begun(ordering.buy("wait=60"))
            wire.is_deaf = True
            ordering.shelves.answers.set()
            ordering.stop()
            bought = await buying
            code, took = await ordering.ended()

    assert bought.status_code == 503
    assert bought.json()["code"] in {
        "outcome-unknown",  # the COMMIT was sent
        "unavailable",  # the thread had yet to connect
    }
    assert code == 0
    assert took < IN_TIME_S
