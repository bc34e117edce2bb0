"""What is shown of a message that could not be handled, and what a person may decide on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from estafet.cli.failure import Failure, needs_serve

#: What a person does → how a message is called that it was done to.
DONE = {"replay": "replayed", "discard": "discarded"}

_FACTS = (
    *("id", "subscription", "name", "subject", "state", "error", "attempts", "last_at", "due_at"),
    *("place", "detail", "publisher", "first_at", "ended_by", "ended_why"),
)
#: How much of a body is shown; all of it is kept.
_SHOWN = 4000


def facts(row: Any) -> list[tuple[str, Any]]:
    """What is known of a deferred message beside its body."""
    known = ((each, getattr(row, each)) for each in _FACTS)
    return [(name, value) for name, value in known if value is not None]


def may_be_personal(row: Any) -> bool:
    """Whether its body may hold what a citizen wrote: what is on a screen is soon in a ticket, too."""
    return row.subscription in needs_serve("estafet.relay.masking").PERSONAL


def shown(row: Any) -> str:
    """Its body, or the beginning of a long one, as text."""
    return bytes(row.body)[:_SHOWN].decode("utf-8", "backslashreplace")


def decider(act: str, who: str, why: str) -> Callable[..., int]:
    """``replay`` or ``discard`` of the deferred messages, by ``who`` and ``why``.

    Raises:
        Failure: one of these is not said.
    """
    if not who.strip() or not why.strip():
        raise Failure("Say who decides this, and why: both are kept with the message.")
    decide: Callable[..., int] = partial(getattr(needs_serve("estafet.relay.triage"), act), who=who, why=why)
    return decide


def decide_on(database: Any, id: str, decide: Callable[..., int]) -> bool:
    """Decide on one message; answers whether that changed it."""
    with database.begin() as connection:
        return bool(decide(connection, [id], now=datetime.now(UTC)))
