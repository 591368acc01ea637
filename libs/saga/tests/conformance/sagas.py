"""The sagas which every engine must bring to their right end: the checkout, in small."""

from bookstore.saga.spec import NOTHING, Retry, Saga, Step

TIMEOUT = 0.15
QUICK = Retry(attempts=3, first=0.001, longest=0.002)
ORDER = {"order_id": "input.order_id"}


def _step(name: str, *, undo: bool, pivot: bool = False, **inputs: str) -> Step:
    return Step(
        name,
        do=f"shop.{name}",
        undo=f"shop.un{name}" if undo else None,
        input={**ORDER, **inputs},
        pivot=pivot,
        timeout=TIMEOUT,
        retry=QUICK,
        undo_timeout=TIMEOUT,
        undo_retry=QUICK,
    )


BEFORE = ("place", "pay", "mark", "reserve")
AFTER = ("capture", "confirm")

CHECKOUT = Saga(
    "checkout",
    1,
    (
        _step("place", undo=True),
        _step("pay", undo=True),
        _step("mark", undo=True),
        _step("reserve", undo=True, pivot=True),
        _step("capture", undo=False, receipt="steps.pay.receipt"),
        _step("confirm", undo=False),
    ),
)

CHECKOUT_2 = Saga(
    "checkout",
    2,
    (*CHECKOUT.steps[:4], _step("wrap", undo=False), *CHECKOUT.steps[4:]),
)

RETURN = Saga(
    "take_back",
    1,
    (
        Step("begin", "shop.begin", NOTHING, ORDER, pivot=True, timeout=TIMEOUT, retry=QUICK),
        _step("refund", undo=False),
    ),
)
