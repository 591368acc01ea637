"""What our sagas are on Conductor, word for word: whoever changes one sees it here.

`python -m services.order.tests.test_workflows` writes the files anew. A saga that may be open
anywhere is not changed but gets a new version.
"""

import json
from pathlib import Path

import pytest

from bookstore.order.saga import CANCEL_ORDER, PLACE_ORDER, SHIP_ORDER
from bookstore.saga.conductor.compile import compiled
from bookstore.saga.spec import Saga

GOLDEN = Path(__file__).parent / "workflows"
SAGAS = (PLACE_ORDER, CANCEL_ORDER, SHIP_ORDER)


def golden(saga: Saga) -> Path:
    return GOLDEN / f"{saga.name}.{saga.version}.json"


@pytest.mark.parametrize("saga", SAGAS, ids=lambda saga: saga.name)
def test_a_saga_is_the_workflow_it_was(saga: Saga) -> None:
    assert compiled(saga) == json.loads(golden(saga).read_text(encoding="utf-8"))


def test_there_is_no_workflow_of_a_saga_that_is_gone() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {golden(saga).name for saga in SAGAS}


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for saga in SAGAS:
        golden(saga).write_text(json.dumps(compiled(saga), indent=1) + "\n", encoding="utf-8")
