"""The end of a process: in order, or else in time."""

import logging
import os
import threading
from typing import Final

from bookstore.kit.server import Drainable
from bookstore.kit.telemetry import PROCESS_LOG

LAST_S: Final = 14.0  # after the drain delay, which is 5 s at most where 20 s in all are given

_LOG = logging.getLogger(PROCESS_LOG)


class InTime(Drainable):
    """Ends the process some time after it was told to stop, if it has not ended by then.

    Its requests have had their time, but it may still wait for a database that does not answer.
    Nothing is lost that was answered: that is on the disk. So this is no failure either.
    """

    def __init__(self, drain_delay: float, *, last_s: float = LAST_S) -> None:
        self._watch = threading.Timer(drain_delay + last_s, _end)
        self._watch.daemon = True

    def drain(self) -> None:
        self._watch.start()

    def refuse(self) -> None:
        """Nothing is asked of it."""


def _end() -> None:
    _LOG.warning("stopped, while something still waited for a database or a neighbour")
    logging.shutdown()
    os._exit(0)
