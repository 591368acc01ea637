"""Whatever goes wrong, in whatever order: what is promised of sagas holds."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookstore.saga.ports import State
from bookstore.saga.task import Kind
from libs.saga.tests.conformance.embedded import embedded
from libs.saga.tests.conformance.sagas import AFTER, BEFORE
from libs.saga.tests.conformance.shop import Fault

STEPS = (*BEFORE, *AFTER)
QUICK = [fault for fault in Fault if fault not in (Fault.LOSE, Fault.LOSE_ANSWER, Fault.LATE)]
UNDOING = [fault for fault in QUICK if fault != Fault.REJECT]

dos = st.tuples(st.sampled_from(STEPS), st.just("do"))
undos = st.tuples(st.sampled_from(BEFORE), st.just("undo"))
Script = dict[tuple[str, Kind], list[Fault]]
scripts = st.builds(
    lambda do, undo: {**do, **undo},
    st.dictionaries(dos, st.lists(st.sampled_from(QUICK), max_size=4), max_size=6),
    st.dictionaries(undos, st.lists(st.sampled_from(UNDOING), max_size=5), max_size=4),
)

# Of a saga that gets stuck at its last step, the transaction in which staff retry it.
RETRIED = 10


def stuck() -> Script:
    return {("confirm", "do"): [Fault.FAIL] * 3}


@settings(max_examples=60)
@given(
    script=scripts,
    deadly=st.one_of(st.just(0), st.integers(1, 14)),
    kept=st.booleans(),
)
@example(script=stuck(), deadly=RETRIED, kept=False).via("the retry of staff is never written")
@example(script=stuck(), deadly=RETRIED, kept=True).via("the retry of staff is never answered")
def test_all_or_nothing_once(script: Script, deadly: int, kept: bool) -> None:  # noqa: FBT001 — drawn
    asyncio.run(_all_or_nothing_once(script, deadly, kept=kept))


async def _all_or_nothing_once(script: Script, deadly: int, *, kept: bool) -> None:
    async with embedded() as engine:
        await engine.stop()
        engine.database.written, engine.database.deadly, engine.database.kept = 0, deadly, kept
        engine.shop.script = script
        await engine.start("s1")
        state = await engine.end("s1")
        effects = await engine.shop.effects("s1")
        assert set(effects.values()) <= {1}, "at most once each, stuck or not"

        refused = engine.shop.refused & set(AFTER)  # for good: its answer is kept
        if state == State.STUCK and not refused:
            script.clear()  # people mend what is broken
            await engine.retry("s1")
            state = await engine.end("s1")

        effects = await engine.shop.effects("s1")
        assert set(effects.values()) <= {1}
        if state == State.COMPLETED:
            assert effects == {(step, "do"): 1 for step in STEPS}
        elif state == State.COMPENSATED:
            done = {step for step, kind in effects if kind == "do"}
            assert done == {step for step, kind in effects if kind == "undo"}
            assert not done & set(AFTER)
        else:
            assert state == State.STUCK
            assert refused
