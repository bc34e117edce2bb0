"""A message's way to one of its handlers, as the line of a relay: outbox, queue, handler."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from estafet.cli.messages.whereabouts import Committed, Message, State, Verdict


class Mark(StrEnum):
    """How a station is drawn."""

    PASSED = "passed"
    HERE = "here"
    STUCK = "stuck"
    AHEAD = "ahead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Station:
    name: str
    mark: Mark


_HANDLER = {
    State.HANDLED: Mark.PASSED,
    State.DISCARDED: Mark.PASSED,
    State.DEFERRED: Mark.HERE,
    State.DEAD: Mark.STUCK,
}


def outbox(committed: Committed | None) -> Station:
    """The first station, which all handlers of a message have in common."""
    if committed is None:
        return Station("outbox", Mark.UNKNOWN)
    if committed.published_at:
        return Station("outbox", Mark.PASSED)
    return Station("outbox", Mark.STUCK if committed.returned_at else Mark.HERE)


def stations(message: Message, verdict: Verdict) -> tuple[Station, Station, Station]:
    """The line of one handler."""
    first = outbox(message.committed)
    state = verdict.state
    if state in _HANDLER:
        return first, Station("queue", Mark.PASSED), Station("handler", _HANDLER[state])
    if state is State.UNKNOWN:
        return first, Station("queue", Mark.UNKNOWN), Station("handler", Mark.UNKNOWN)
    queue = Mark.HERE if state is State.ON_ITS_WAY else Mark.AHEAD
    return first, Station("queue", queue), Station("handler", Mark.AHEAD)
