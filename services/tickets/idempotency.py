"""``Idempotency-Key``: the same request sent twice, even at once, opens one report and gets one answer."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import rfc8785
from sqlalchemy import Connection, delete, select

from estafet.relay.upserting import inserting
from services.tickets.tables import idempotency

#: How long a key is remembered: a replay of many reports, or an app that was down, may go on after weeks.
KEPT = timedelta(days=30)


class Reused(Exception):
    """The key came with another request before."""


def claim(connection: Connection, scope: str, key: str, request: object, code: str, now: datetime) -> str:
    """The code this key stands for: the given one, which the caller must now open, or that of the first request.

    Insert first, never look first: the second of two at once waits here for the first's commit.

    Args:
        scope: whose key it is: a token's id, or ``anonymous``.
        request: the request as JSON data, to tell a repetition from a mistake.

    Raises:
        Reused: the key came with another request before.
    """
    digest = hashlib.sha256(rfc8785.dumps(request)).hexdigest()  # type: ignore[arg-type]
    row = {"scope": scope, "key": key, "request": digest, "code": code, "at": now}
    inserted = inserting(connection.dialect.name, idempotency).values(row)
    taken = inserted.on_conflict_do_nothing().returning(idempotency.c.code)
    if connection.execute(taken).one_or_none():
        return code
    mine = (idempotency.c.scope == scope, idempotency.c.key == key)
    first = connection.execute(select(idempotency.c.request, idempotency.c.code).where(*mine)).one()
    if first.request != digest:
        raise Reused
    found: str = first.code
    return found


def forget(connection: Connection, now: datetime) -> int:
    """Delete the keys that are old enough; answers how many."""
    return connection.execute(delete(idempotency).where(idempotency.c.at < now - KEPT)).rowcount
