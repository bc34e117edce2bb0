"""The record of deliveries: created, sending, then how it ended (`states`).

A delivery is claimed in one transaction, sent outside of any, and recorded in another. A process that dies between
the last two leaves it in ``sending``; after :data:`retries.LEASE` it is claimed and sent again. So at most what one
batch had in flight is sent twice, and the second copy has the Message-ID (or the file name) of the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Integer, Select, and_, bindparam, or_, select, update

from estafet.events import Event, new_id
from estafet.relay.among import among
from estafet.relay.upserting import inserting
from estafet.relay.work import Work
from services.notify.audience import Message
from services.notify.sending import turns
from services.notify.sending.retries import CONTACT_WAIT, LEASE
from services.notify.store import as_json
from services.notify.tables import deliveries, reporters


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one reader, claimed by us."""

    id: str
    event_id: str
    correlation_id: str
    ticket: str
    category: str
    confidential: bool
    audience: str
    recipient: str
    template: str
    facts: Mapping[str, Any]
    attempts: int
    created_at: datetime
    #: The report's version that it tells of.
    version: int | None = None
    #: The class of error of the attempt before.
    error: str | None = None
    #: The provider that may have it already.
    provider: str | None = None
    #: The channels that failed for good.
    passed: tuple[str, ...] = ()


def create(
    work: Work,
    event: Event,
    messages: Iterable[Message],
    category: str,
    confidential: bool,
    version: int | None,
) -> None:
    """Record what is to be told of this version of the report.

    Telling the same reader the same of the same event again changes nothing.
    """
    statement = _creating(work.connection.dialect.name)
    for message in messages:
        row = {
            "id": new_id(),
            "event_source": event.source,
            "event_id": event.id,
            "correlation_id": event.correlationid,
            "ticket": event.subject,
            "category": category,
            "confidential": confidential,
            "audience": message.audience,
            "recipient": message.recipient,
            "template": message.template,
            "facts": as_json(message.facts),
            "version": version,
            "state": "created",
            "attempts": 0,
            "created_at": work.now,
            "next_attempt": work.now,
        }
        work.later(statement, (event.source, event.id, message.recipient, message.template), row)


@cache
def _creating(dialect: str) -> Insert:
    creating: Insert = inserting(dialect, deliveries).on_conflict_do_nothing()
    return creating


def _first(which: ColumnElement[bool], order: ColumnElement[datetime | None]) -> Select[Any]:
    """The ids of the first few; those that another sender is busy with are left to it."""
    first = select(deliveries.c.id).where(which).order_by(order, deliveries.c.id)
    return first.limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True)


_reachable = or_(
    deliveries.c.audience != "reporter",
    deliveries.c.created_at <= bindparam("late"),
    select(reporters.c.ticket).where(reporters.c.ticket == deliveries.c.ticket).exists(),
)
_DUE = _first(
    and_(deliveries.c.state == "created", deliveries.c.next_attempt <= bindparam("now"), _reachable, ~turns.under_way),
    deliveries.c.next_attempt,
)
_LEFT_BEHIND = _first(
    and_(deliveries.c.state == "sending", deliveries.c.claimed_at <= bindparam("left")), deliveries.c.claimed_at
)
_TAKE = (
    update(deliveries)
    .where(among(deliveries.c.id, "ids"))
    .values(
        state="sending",
        claim=bindparam("name"),
        claimed_at=bindparam("now"),
        attempts=deliveries.c.attempts + 1,
        digest=None,
    )
    .returning(deliveries)
)


def claim(connection: Connection, now: datetime, limit: int) -> tuple[str, list[Delivery]]:
    """Take up to ``limit`` deliveries that are due, oldest first; answers the claim's name and what it holds.

    Messages to a reporter whose contact has not arrived are left until it has, or until it is too late for it; messages
    to a reader who is just being told something about the same report, until that is over.
    """
    turns.one_at_a_time(connection)
    ids = list(connection.scalars(_LEFT_BEHIND, {"left": now - LEASE, "most": limit}))
    ids += connection.scalars(_DUE, {"now": now, "late": now - CONTACT_WAIT, "most": limit - len(ids)})
    name = new_id()
    if not ids:
        return name, []
    taken = connection.execute(_TAKE, {"ids": ids, "name": name, "now": now})
    return name, sorted((delivery_of(row) for row in taken), key=lambda each: (each.version or 0, each.id))


def delivery_of(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        event_id=row.event_id,
        correlation_id=row.correlation_id,
        ticket=row.ticket,
        category=row.category,
        confidential=row.confidential,
        audience=row.audience,
        recipient=row.recipient,
        template=row.template,
        facts=json.loads(row.facts),
        attempts=row.attempts,
        created_at=row.created_at,
        version=row.version,
        error=row.error,
        provider=row.provider,
        passed=tuple(row.passed.split(",")) if row.passed else (),
    )


def end(
    connection: Connection,
    claim: str,
    ids: Sequence[str],
    state: str,
    channel: str,
    now: datetime,
    provider: str | None = None,
    error: str | None = None,
) -> set[str]:
    """Record how deliveries of this claim ended; answers which were still ours."""
    values = {"state": state, "channel": channel, "provider": provider, "error": error, "ended_at": now}
    return _change(connection, claim, ids, {**values, "claim": None, "next_attempt": None})


def postpone(
    connection: Connection,
    claim: str,
    id: str,
    channel: str,
    due: datetime,
    error: str,
    provider: str | None = None,
    passed: Sequence[str] = (),
) -> None:
    """Record that an attempt failed for now, and when the next one is. ``provider``: who may have it already."""
    values = {"state": "created", "channel": channel, "error": error, "next_attempt": due, "claim": None}
    _change(connection, claim, [id], {**values, "provider": provider, "passed": ",".join(passed) or None})


def release(
    connection: Connection, claim: str, ids: Sequence[str], due: datetime | None = None, digest: str | None = None
) -> None:
    """Give back what was not tried, as it was; ``due``: not before; ``digest``: to be told with that one."""
    later: dict[str, Any] = {} if due is None else {"next_attempt": due}
    if digest is not None:
        later = {"next_attempt": None, "digest": digest}
    _change(connection, claim, ids, {"state": "created", "claim": None, "attempts": deliveries.c.attempts - 1, **later})


def release_all(connection: Connection) -> None:
    """End every claim: whoever made them is gone. Only for a process that knows it is the only one."""
    connection.execute(update(deliveries).where(deliveries.c.state == "sending").values(state="created", claim=None))


#: Every change ends the claim.
_OURS = update(deliveries).where(deliveries.c.claim == bindparam("holder"), among(deliveries.c.id, "ids"))


def _change(connection: Connection, claim: str, ids: Sequence[str], values: Mapping[str, Any]) -> set[str]:
    if not ids:
        return set()
    changing = _OURS.values(**values).returning(deliveries.c.id)
    return set(connection.scalars(changing, {"ids": ids, "holder": claim}))
