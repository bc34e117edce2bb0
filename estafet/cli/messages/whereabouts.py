"""In which state a message is: told from what its publisher's outbox and its handlers' services have written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a message is, for one handler that must hear of it."""

    #: Committed, and not with the broker yet.
    UNPUBLISHED = "unpublished"
    #: The broker gave it back, because nobody is bound; it is offered again.
    RETURNED = "returned"
    #: Published and not handled: in the handler's queue, or in hand.
    ON_ITS_WAY = "on its way"
    #: Failed, and will be tried again by itself.
    DEFERRED = "deferred"
    #: Failed for the last time: a person decides.
    DEAD = "dead"
    #: A person gave it up.
    DISCARDED = "discarded"
    #: Done. Another copy would change nothing.
    HANDLED = "handled"
    #: Nobody can tell.
    UNKNOWN = "unknown"


#: In these a message stays.
_FINISHED = frozenset({State.HANDLED, State.DISCARDED})


@dataclass(frozen=True, slots=True)
class Committed:
    """A message's row in its publisher's outbox."""

    at: datetime
    published_at: datetime | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Setback:
    """A message among a service's deferred ones; its state, as they call it: waiting, dead, replayed or discarded."""

    id: str
    state: str
    error: str
    place: str
    attempts: int
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a handler's service knows of a message.

    Attributes:
        handler: ``service.handler``.
        handled_at: when its inbox took the message in.
        recorded: whether the report's chain has it, which says that it was handled even if not when.
        setbacks: its rows among the deferred ones, oldest first.
        unreachable: why the service could not be asked; "" when it was.
    """

    handler: str
    handled_at: datetime | None = None
    recorded: bool = False
    setbacks: Sequence[Setback] = ()
    unreachable: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message and what is known of it.

    Attributes:
        id: as its sender gave it.
        name: its event; "" when nobody wrote it down.
        source: who sent it.
        committed: its row in the outbox; None when that is gone, or it came from an app.
        hearings: one for each handler that must hear of it.
        unreachable: why the outbox could not be looked into; "" when it was.
    """

    id: str
    name: str
    source: str
    committed: Committed | None
    hearings: Sequence[Hearing] = ()
    unreachable: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state, what it rests on, and what else there is to say.

    Attributes:
        handler: ``service.handler``.
        state: where the message is.
        at: since when: handled, returned, published or committed.
        setback: the failure that counts; None when there is none.
        why: what a state does not say by itself.
    """

    handler: str
    state: State
    at: datetime | None = None
    setback: Setback | None = None
    why: str = ""


def judge(message: Message, hearing: Hearing) -> Verdict:
    """Where the message is for one handler. What is later on its way counts: a copy may still be on an earlier part."""
    if hearing.unreachable:
        return Verdict(hearing.handler, State.UNKNOWN, why=hearing.unreachable)
    if hearing.handled_at or hearing.recorded:
        return _handled(hearing)
    if hearing.setbacks:
        return _failed(hearing)
    return _before(message, hearing.handler)


def finished(message: Message) -> bool:
    """Whether nothing more happens to it by itself, and nobody has to do anything."""
    out = message.committed is None or message.committed.published_at is not None
    return out and all(judge(message, each).state in _FINISHED for each in message.hearings)


def _handled(hearing: Hearing) -> Verdict:
    """With another's failure beside it when somebody else gave the same id to another message."""
    other = next((each for each in hearing.setbacks if each.state in ("dead", "waiting")), None)
    why = f"another message with its id is {_STATES[other.state]}" if other else ""
    return Verdict(hearing.handler, State.HANDLED, hearing.handled_at, other, why)


_STATES = {
    "dead": State.DEAD,
    "waiting": State.DEFERRED,
    "discarded": State.DISCARDED,
    "replayed": State.HANDLED,  # it stays there, with who replayed it and why
}


def _failed(hearing: Hearing) -> Verdict:
    """The worst of its failures counts; there are several when different messages came under one id."""
    worst = min(hearing.setbacks, key=lambda each: list(_STATES).index(each.state))
    return Verdict(hearing.handler, _STATES[worst.state], setback=worst)


def _before(message: Message, handler: str) -> Verdict:
    committed = message.committed
    if committed is None:
        why = message.unreachable or "its row in the outbox is gone, and nothing says that it was handled"
        return Verdict(handler, State.UNKNOWN, why=why)
    if committed.published_at:
        return Verdict(handler, State.ON_ITS_WAY, committed.published_at)
    if committed.returned_at:
        return Verdict(handler, State.RETURNED, committed.returned_at)
    return Verdict(handler, State.UNPUBLISHED, committed.at)
