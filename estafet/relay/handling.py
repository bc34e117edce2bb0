"""The event that is in hand, for whoever logs meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from estafet.events import Event

#: Each green thread has its own.
_in_hand: ContextVar[Event | None] = ContextVar("in_hand", default=None)


@contextmanager
def handling(event: Event | None) -> Iterator[None]:
    """Inside, this is the event in hand; None: one that nobody could read."""
    token = _in_hand.set(event)
    try:
        yield
    finally:
        _in_hand.reset(token)


def in_hand() -> Event | None:
    """The event that whoever asks is about."""
    return _in_hand.get()
