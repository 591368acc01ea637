"""A process whose saga engine is killed in mid-step: `python -m tests.databases.an_engine URL`.

It says which saga it has begun to work on, and never finishes one.
"""

import asyncio
import sys

from bookstore.kit.database import open_database
from bookstore.saga.engine import EmbeddedEngine
from bookstore.saga.registry import Sagas
from bookstore.saga.task import Output, Task
from libs.saga.tests.conformance.embedded import HERE
from libs.saga.tests.test_engine import ONE


async def begin(task: Task) -> Output:
    sys.stdout.write(f"{task.saga_id}\n")
    sys.stdout.flush()
    await asyncio.sleep(60)
    return {}


if __name__ == "__main__":
    with open_database(sys.argv[1], HERE / "engine_migrations") as opened:
        asyncio.run(EmbeddedEngine(opened, Sagas(ONE)).run(dict.fromkeys(ONE.tasks, begin)))
