"""psycopg's waiting for the server, together with eventlet: one greenthread waits, the others run."""

from __future__ import annotations

from typing import TypeVar

from eventlet.green import select
from eventlet.hubs import trampoline
from psycopg import waiting
from psycopg.abc import PQGen

Answer = TypeVar("Answer")


def wait(generator: PQGen[Answer], fileno: int, interval: float = 0.0, timeout: float | None = None) -> Answer:
    """What the generator returns, as ``psycopg.waiting.wait`` has it.

    Straight on eventlet's hub: psycopg's own function makes a selector for each wait, which eventlet takes apart again.
    ``interval`` would be for Ctrl-C; the runner takes signals as events. Not to wait for ever is left to psycopg.
    """
    if timeout is not None:
        return waiting.wait_selector(generator, fileno, interval, timeout)
    try:
        wanted = next(generator)
        while True:
            wanted = generator.send(_until(wanted, fileno))
    except StopIteration as end:
        answer: Answer = end.value
        return answer


def _until(wanted: waiting.Wait, fileno: int) -> waiting.Ready:
    if wanted == waiting.Wait.R:
        trampoline(fileno, read=True)
        return waiting.Ready.R
    if wanted == waiting.Wait.W:
        trampoline(fileno, write=True)
        return waiting.Ready.W
    readable, writable, _ = select.select([fileno], [fileno], [])
    return waiting.Ready((waiting.Ready.R if readable else 0) | (waiting.Ready.W if writable else 0))
