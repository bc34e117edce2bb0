"""Triage: what a person sees of the messages that could not be handled, and decides about them, with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from estafet.relay.failure import TOO_LARGE
from estafet.relay.tables import deferred

#: Why a message was emptied.
ERASED = "erased at the reporter's request"

#: Messages without their bodies, oldest first.
LISTED = select(*(column for column in deferred.c if column.name != "body")).order_by(
    deferred.c.first_at, deferred.c.id
)
#: Neither handled nor given up.
_OPEN = deferred.c.state.in_(("dead", "waiting"))


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that failed alike: the same handler, error and place."""

    subscription: str
    error: str
    place: str
    state: str = "dead"
    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    #: One of them, to look at.
    example: str = ""


def listing(connection: Connection, state: str | None = None) -> Sequence[Row[Any]]:
    """The first thousand messages, without their bodies; of all states when none is named."""
    statement = LISTED.limit(1000)
    return connection.execute(statement.where(deferred.c.state == state) if state else statement).all()


def groups(connection: Connection) -> list[Group]:
    """Waiting and dead messages by (subscription, error, place), the largest group first."""
    keys = (deferred.c.subscription, deferred.c.error, deferred.c.place, deferred.c.state)
    first, last, example = func.min(deferred.c.first_at), func.max(deferred.c.last_at), func.min(deferred.c.id)
    statement = select(*keys, func.count(), first, last, example).where(_OPEN).group_by(*keys)
    return [Group(*row) for row in connection.execute(statement.order_by(func.count().desc(), *keys))]


def members(connection: Connection, group: Group, limit: int) -> Sequence[Row[Any]]:
    """Messages of a group, oldest first, without their bodies."""
    return connection.execute(LISTED.where(_chosen(group)).limit(limit)).all()


def some_of(connection: Connection, group: Group, after: str, limit: int) -> list[str]:
    """Ids of a group above an id, in order, so that a walk over the group meets each message once; locked, so that what
    is decided in this transaction is decided of messages that are still in the group.
    """
    wanted = select(deferred.c.id).where(_chosen(group), deferred.c.id > after).order_by(deferred.c.id).limit(limit)
    return list(connection.execute(wanted.with_for_update()).scalars())


def show(connection: Connection, id: str) -> Row[Any]:
    """One message with its body.

    Raises:
        LookupError: there is none with this id.
    """
    row = connection.execute(select(deferred).where(deferred.c.id == id)).one_or_none()
    if row is None:
        raise LookupError(f"no deferred message has the id {id}; `estafet deferred list` shows those there are")
    return row


def replay(connection: Connection, which: Sequence[str] | Group, who: str, why: str, now: datetime) -> int:
    """Make messages due at once, with all their attempts before them; answers how many.

    The running service picks them up. The inbox sees to it that what was handled once is not handled again. What was
    too large stays dead: only its beginning was kept.
    """
    whole = _chosen(which) & deferred.c.state.in_(("dead", "waiting", "discarded")) & (deferred.c.error != TOO_LARGE)
    return _end(connection, whole, who, why, state="waiting", attempts=0, due_at=now)


def discard(connection: Connection, which: Sequence[str] | Group, who: str, why: str, now: datetime) -> int:
    """Decide that messages will not be handled; answers how many. They are kept, and can still be replayed."""
    return _end(connection, _chosen(which) & _OPEN, who, why, state="discarded", last_at=now, due_at=None)


def empty(connection: Connection, ids: Sequence[str], now: datetime) -> int:
    """Remove what messages hold and give them up: somebody has the right to be forgotten. Answers how many."""
    chosen = deferred.c.id.in_(ids)
    _end(connection, chosen & _OPEN, "estafet erase", ERASED, state="discarded", last_at=now, due_at=None)
    return connection.execute(update(deferred).where(chosen).values(body=b"", detail="")).rowcount


def _end(connection: Connection, condition: ColumnElement[bool], who: str, why: str, **values: Any) -> int:
    if not who.strip() or not why.strip():
        raise ValueError("say who decides this and why: both are kept with the message")
    ended = update(deferred).where(condition).values(ended_by=who[:128], ended_why=why, **values)
    return connection.execute(ended).rowcount


def _chosen(which: Sequence[str] | Group) -> ColumnElement[bool]:
    if isinstance(which, Group):
        same = (deferred.c.subscription == which.subscription) & (deferred.c.error == which.error)
        return same & (deferred.c.place == which.place) & (deferred.c.state == which.state)
    return deferred.c.id.in_(which)
