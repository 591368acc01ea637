"""How long an answer is kept, and how much of them."""

from dataclasses import dataclass, field

from msgspec import Raw

from bookstore.catalog.inbound.http.showcase import Showcase
from bookstore.kit.http import Reply


@dataclass
class Kitchen:
    """Makes answers, and counts them."""

    time: float = 0.0
    made: list[object] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def ask(self, showcase: Showcase, key: str, size: int = 10) -> None:
        async def make() -> Reply[object]:
            self.made.append(key)
            return Reply(200, Raw(b"x" * size))

        assert (await showcase.show(key, make)).status == 200


async def test_an_answer_is_kept_for_a_second() -> None:
    kitchen = Kitchen()
    showcase = Showcase(now=kitchen.now)
    for kitchen.time in (0.0, 0.5, 0.99, 1.0):
        await kitchen.ask(showcase, "a")

    assert kitchen.made == ["a", "a"]


async def test_a_write_drops_all_answers() -> None:
    kitchen = Kitchen()
    showcase = Showcase(now=kitchen.now)
    await kitchen.ask(showcase, "a")
    showcase.clear()
    await kitchen.ask(showcase, "a")

    assert kitchen.made == ["a", "a"]


async def test_what_was_read_before_a_write_is_not_kept_after_it() -> None:
    kitchen = Kitchen()
    showcase = Showcase(now=kitchen.now)

    async def make() -> Reply[object]:
        showcase.clear()
        return Reply(200, Raw(b"old"))

    await showcase.show("a", make)
    await kitchen.ask(showcase, "a")

    assert kitchen.made == ["a"]


async def test_the_oldest_answer_makes_room() -> None:
    kitchen = Kitchen()
    showcase = Showcase(now=kitchen.now, room=16 * 1020)
    for key in "abcdefghijklmnopq":  # seventeen answers of a sixteenth
        await kitchen.ask(showcase, key, 20)
    kitchen.made.clear()
    for key in "qpba":
        await kitchen.ask(showcase, key, 20)

    assert kitchen.made == ["a"]


async def test_an_answer_too_large_is_not_kept() -> None:
    kitchen = Kitchen()
    showcase = Showcase(now=kitchen.now, room=16 * 1010)
    for _ in range(2):
        await kitchen.ask(showcase, "a", 11)

    assert kitchen.made == ["a", "a"]
