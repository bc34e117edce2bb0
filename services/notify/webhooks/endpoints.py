"""The endpoints: where apps hear events, whose they are, and whether they are on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from estafet.events import new_id
from services.notify.webhooks.matching import Interest
from services.notify.webhooks.signing import new_secret
from services.notify.webhooks.tables import attempts, deliveries, endpoints

#: How long the secret before a rotation signs beside the new one.
OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. ``repr`` shows neither its secrets nor its URL, which may hold one."""

    id: str
    url: str = field(repr=False)
    owner: str = field(repr=False)
    interest: Interest
    secret: str = field(repr=False)
    old_secret: str | None = field(repr=False)
    old_until: datetime | None
    created_at: datetime
    off_at: datetime | None
    switched_at: datetime | None
    switched_by: str | None
    switched_why: str | None
    failures: int
    failing_since: datetime | None

    def keys(self, now: datetime) -> list[str]:
        """The secrets that sign now."""
        if self.old_secret and self.old_until and now < self.old_until:
            return [self.secret, self.old_secret]
        return [self.secret]


def add(connection: Connection, url: str, owner: str, interest: Interest, now: datetime) -> Endpoint:
    """A new endpoint, with a new secret. Whether it may be one is for the caller to know (:mod:`.guard`)."""
    id = new_id()
    row = {
        "id": id,
        "url": url,
        "owner": owner,
        "events": json.dumps(sorted(interest.events)),
        "categories": json.dumps(sorted(interest.categories)),
        "confidential": interest.confidential,
        "secret": new_secret(),
        "created_at": now,
        "failures": 0,
    }
    connection.execute(insert(endpoints).values(row))
    return find(connection, id)


def find(connection: Connection, id: str) -> Endpoint:
    """Raises LookupError: there is none with this id."""
    row = connection.execute(select(endpoints).where(endpoints.c.id == id)).first()
    if row is None:
        raise LookupError(id)
    return _endpoint(row)


def all_of(connection: Connection) -> list[Endpoint]:
    """The oldest first."""
    return [_endpoint(row) for row in connection.execute(select(endpoints).order_by(endpoints.c.id))]


_ON = select(endpoints).where(endpoints.c.off_at.is_(None)).order_by(endpoints.c.id)


def all_on(connection: Connection) -> list[Endpoint]:
    """Those that are on."""
    return [_endpoint(row) for row in connection.execute(_ON)]


def switch_off(
    connection: Connection, id: str, who: str, why: str, now: datetime, notice_due: datetime | None = None
) -> bool:
    """Switch it off, unless it is. What waits for it is given up, to be replayed when it is on again.

    ``notice_due``: its owner is written to then; a person who switches it off tells them.
    """
    off = {"off_at": now, "switched_at": now, "switched_by": who, "switched_why": why, "notice_due": notice_due}
    changed = connection.execute(
        update(endpoints).where(endpoints.c.id == id, endpoints.c.off_at.is_(None)).values(**off)
    )
    if changed.rowcount:
        _give_up_waiting(connection, id, now)
    return bool(changed.rowcount)


def switch_on(connection: Connection, id: str, who: str, why: str, now: datetime) -> bool:
    """Switch it on again, with a clean slate: what it heard while it was being switched off does not come by itself."""
    slate = {"failures": 0, "failing_since": None, "notice_due": None}
    on = {"off_at": None, "switched_at": now, "switched_by": who, "switched_why": why, **slate}
    changed = connection.execute(
        update(endpoints).where(endpoints.c.id == id, endpoints.c.off_at.is_not(None)).values(**on)
    )
    if changed.rowcount:
        _give_up_waiting(connection, id, now)
    return bool(changed.rowcount)


def _give_up_waiting(connection: Connection, id: str, now: datetime) -> None:
    given_up = {"state": "failed", "error": "switched-off", "next_attempt": None, "ended_at": now}
    waiting = (deliveries.c.endpoint == id, deliveries.c.state == "created")
    connection.execute(update(deliveries).where(*waiting).values(**given_up))


def rotate(connection: Connection, id: str, now: datetime) -> Endpoint:
    """A new secret; the one until now signs beside it for :data:`OVERLAP`.

    Raises:
        LookupError: there is none with this id.
    """
    new = {"old_secret": endpoints.c.secret, "old_until": now + OVERLAP, "secret": new_secret()}
    connection.execute(update(endpoints).where(endpoints.c.id == id).values(**new))
    return find(connection, id)


def remove(connection: Connection, id: str) -> bool:
    """Forget it, and what it heard."""
    connection.execute(delete(attempts).where(attempts.c.endpoint == id))
    connection.execute(delete(deliveries).where(deliveries.c.endpoint == id))
    return bool(connection.execute(delete(endpoints).where(endpoints.c.id == id)).rowcount)


def note_success(connection: Connection, id: str) -> None:
    """It took something: whatever failed before does not count any more."""
    failing = (endpoints.c.id == id, endpoints.c.failures > 0)
    connection.execute(update(endpoints).where(*failing).values(failures=0, failing_since=None))


def note_failures(connection: Connection, id: str, count: int, now: datetime) -> tuple[int, datetime | None]:
    """So many more attempts failed; answers how many since the last success, and since when.

    Those that were in flight when it was switched off are given up as the others were.
    """
    counted = {
        "failures": endpoints.c.failures + count,
        "failing_since": func.coalesce(endpoints.c.failing_since, now),
    }
    returned = (endpoints.c.failures, endpoints.c.failing_since, endpoints.c.off_at)
    row = connection.execute(
        update(endpoints).where(endpoints.c.id == id).values(**counted).returning(*returned)
    ).first()
    if row is None:
        return 0, None
    if row.off_at:
        _give_up_waiting(connection, id, now)
    return row.failures, row.failing_since


def due_notices(connection: Connection, now: datetime) -> list[Endpoint]:
    """Those whose owner is yet to be told that it was switched off."""
    due = select(endpoints).where(endpoints.c.notice_due <= now).order_by(endpoints.c.id)
    return [_endpoint(row) for row in connection.execute(due.with_for_update(skip_locked=True))]


def put_off_notice(connection: Connection, ids: Sequence[str], due: datetime | None) -> None:
    """The owners are told at another time; None: they were told, or never can be."""
    connection.execute(update(endpoints).where(endpoints.c.id.in_(ids)).values(notice_due=due))


def _endpoint(row: Any) -> Endpoint:
    return Endpoint(
        id=row.id,
        url=row.url,
        owner=row.owner,
        interest=Interest(
            events=frozenset(json.loads(row.events)),
            categories=frozenset(json.loads(row.categories)),
            confidential=row.confidential,
        ),
        secret=row.secret,
        old_secret=row.old_secret,
        old_until=row.old_until,
        created_at=row.created_at,
        off_at=row.off_at,
        switched_at=row.switched_at,
        switched_by=row.switched_by,
        switched_why=row.switched_why,
        failures=row.failures,
        failing_since=row.failing_since,
    )
