"""Serves as ``estafet serve`` does, but that a report's text may kill, hang or block the process that handles it.

Run by :mod:`tests.e2e.test_poison`: ``python -m tests.e2e.fragile tickets``. Not to be imported: it patches Python.
"""

import os
import signal
import sys
from typing import Any

import eventlet

from estafet import runner
from services.tickets import handlers
from tests.e2e.markers import COMPUTE, HANG, KILL, MENDED

_submit = handlers.submit


def submit(event: Any, work: Any, key: bytes) -> None:
    text = event.data.get("text")
    if text == KILL and not os.environ.get(MENDED):
        os.kill(os.getpid(), signal.SIGKILL)
    if text == KILL:
        eventlet.sleep(3)
    if text == HANG:
        eventlet.sleep(600)
    while text == COMPUTE:
        pass
    _submit(event, work, key)


if __name__ == "__main__":
    handlers.submit = submit
    sys.exit(runner.main(sys.argv[1:]))
