"""Messages that could not be handled: kept with their error, tried again, and in the end a person's to decide.

States: ``waiting`` for the next attempt; ``dead`` after the last, or at once when trying cannot help; ``replayed`` or
``discarded`` by somebody (:mod:`estafet.relay.triage`). A waiting message that succeeds by itself is gone from here.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from estafet.events import new_id
from estafet.relay.failure import DELIVERY_LIMIT, IN_HAND, Failure, backoff_of
from estafet.relay.masking import masked
from estafet.relay.message import Failed, Message
from estafet.relay.tables import deferred
from estafet.relay.upserting import inserting
from estafet.relay.writing import insert_all

#: How long an attempt may take before another replica believes its process died.
LEASE = timedelta(seconds=60)

_NEXT_DUE = select(func.min(deferred.c.due_at)).where(deferred.c.state == "waiting")


def put(connection: Connection, failed: Failed, now: datetime) -> bool:
    """Keep a message that failed for the first time; answers whether it will be tried again.

    The same message failing again, because the broker brought it twice, changes nothing.
    """
    connection.execute(inserting(connection.dialect.name, deferred).on_conflict_do_nothing(), _row(failed, now))
    return failed.failure.backoff is not None


def suspect(connection: Connection, messages: Sequence[Message], now: datetime) -> set[str]:
    """Keep messages that may have ended their process, before they are tried again; answers the ids of new ones.

    The others are here already: they are tried alone, when they are due.
    """
    if not messages:
        return set()
    failure = Failure(IN_HAND, "it was in hand, or on its way, when the process ended", "", backoff_of(IN_HAND))
    rows = sorted((_row(each.failed(failure), now) for each in messages), key=lambda row: str(row["id"]))
    statement = inserting(connection.dialect.name, deferred).on_conflict_do_nothing().returning(deferred.c.id)
    return set(insert_all(connection, statement, rows).scalars())


def acquit(connection: Connection, messages: Sequence[Message]) -> None:
    """Suspects that were handled: to be said in the transaction that handled them."""
    if messages:
        ids = [id_of(each) for each in messages]
        connection.execute(delete(deferred).where(deferred.c.id.in_(ids), deferred.c.error == IN_HAND))


def _row(failed: Failed, now: datetime) -> dict[str, Any]:
    delivery, failure = failed.delivery, failed.failure
    backoff, event = failure.backoff, failed.message.event if failed.message else None
    return {
        "id": _id(failed),
        "subscription": delivery.subscription,
        "source": event.source if event else None,
        "event_id": event.id if event else None,
        "name": event.name[:64] if event else delivery.name,
        "subject": event.subject if event else None,
        "body": delivery.body,
        "publisher": delivery.publisher,
        "state": "waiting" if backoff else "dead",
        "error": failure.error,
        "detail": masked(failure.detail, delivery.subscription, delivery.body),
        "place": failure.place,
        "attempts": 1,
        "first_at": now,
        "last_at": now,
        "due_at": now + timedelta(seconds=backoff.seconds(1)) if backoff else None,
    }


def lease(connection: Connection, now: datetime) -> Row[Any] | None:
    """Take one due message for an attempt, counted before it is made, so that what kills its process ends too."""
    due = (deferred.c.state == "waiting") & (deferred.c.due_at <= now)
    chosen = select(deferred).where(due).order_by(deferred.c.due_at).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(chosen).one_or_none()
    if row is None:
        return None
    _set(connection, deferred.c.id == row.id, attempts=row.attempts + 1, due_at=now + LEASE)
    return row


def failed(connection: Connection, row: Row[Any], failure: Failure, now: datetime) -> bool:
    """An attempt failed; answers whether there will be another."""
    attempts, backoff = row.attempts + 1, failure.backoff
    again = backoff is not None and attempts < backoff.attempts
    _set(
        connection,
        (deferred.c.id == row.id) & (deferred.c.state == "waiting"),
        state="waiting" if again else "dead",
        error=failure.error,
        detail=masked(failure.detail, row.subscription, bytes(row.body)),
        place=failure.place,
        last_at=now,
        due_at=now + timedelta(seconds=backoff.seconds(attempts)) if again and backoff else None,
    )
    return again


def exhausted(row: Row[Any]) -> bool:
    """Whether a leased message had all its attempts already: the last one ended with its process."""
    backoff = backoff_of(row.error)
    return backoff is not None and row.attempts >= backoff.attempts


def succeeded(connection: Connection, row: Row[Any]) -> None:
    """It was handled. What a person replayed stays, with who and why."""
    mine = (deferred.c.id == row.id) & (deferred.c.state == "waiting")
    connection.execute(delete(deferred).where(mine, deferred.c.ended_by.is_(None)))
    _set(connection, mine, state="replayed", due_at=None)


def next_due(connection: Connection) -> datetime | None:
    """When the next attempt is due."""
    due: datetime | None = connection.execute(_NEXT_DUE).scalar_one()
    return due


def _set(connection: Connection, condition: ColumnElement[bool], **values: Any) -> int:
    return connection.execute(update(deferred).where(condition).values(values)).rowcount


def id_of(message: Message) -> str:
    """Where a message that was read is kept, whenever it fails: the same one has the same id."""
    said = (message.delivery.subscription, message.event.source, message.event.id, message.digest)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(said)))


def _id(failed: Failed) -> str:
    """Of what cannot be read, each copy is kept; of what was not looked into, one."""
    if failed.message is not None:
        return id_of(failed.message)
    if failed.failure.error == DELIVERY_LIMIT:
        digest = hashlib.sha256(failed.delivery.body).hexdigest()
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{failed.delivery.subscription}\n{digest}"))
    return new_id()
