"""Tries are counted before they are looked at, in one statement: however many come at once, no more are looked at.

What is tried is an account or, for a name that there is not, one of so many slots: the answer is the same, and the rows
are bounded. A browser that signed in to the account before is counted apart: guesses from elsewhere do not keep its
owner out.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, ScalarSelect, case, delete, func, literal, or_, select

from estafet.relay.tables import Moment
from estafet.relay.upserting import inserting
from services.tickets.signin.lockout import FREE, LAST, waiting
from services.tickets.signin.tables import tries

#: For names that there are not. Which one a name has cannot be foretold without the server's key.
SLOTS = 4096
#: Nobody tried for so long: it begins anew.
KEPT = timedelta(days=1)


def key_of(account: str | None, name: str, browser: str | None, key: bytes) -> str:
    """What a try counts for.

    Args:
        account: the id of the account of this name; None: there is none.
        browser: which browser, of those that signed in with this name before; None: another.
        key: the server's.
    """
    if account is not None:
        return f"account:{account}:{browser}" if browser else f"account:{account}"
    digest = hmac.digest(key, f"no account:{name}".encode("utf-8", "replace"), "sha256")
    return f"nobody:{int.from_bytes(digest[:4]) % SLOTS}"


def take(connection: Connection, key: str, now: datetime) -> datetime | None:
    """Count a try as wrong until it is known to be right. None: look at it; else until when none is looked at."""
    counted = tries.c.failures + 1
    waits = [(counted == each, _after(now, each)) for each in range(FREE, LAST)]
    until = case((counted < FREE, None), *waits, else_=_after(now, LAST))
    inserted = inserting(connection.dialect.name, tries).values(key=key, failures=1, tried_at=now)
    taken = inserted.on_conflict_do_update(
        index_elements=[tries.c.key],
        set_={"failures": counted, "locked_until": until, "tried_at": now},
        where=or_(tries.c.locked_until.is_(None), tries.c.locked_until <= now),
    ).returning(tries.c.failures)
    if connection.execute(taken).one_or_none() is not None:
        return None
    return connection.execute(select(tries.c.locked_until).where(tries.c.key == key)).scalar() or now


def clear(connection: Connection, key: str) -> None:
    """It was right."""
    connection.execute(delete(tries).where(tries.c.key == key))


def unlock(connection: Connection, account: str) -> None:
    """Forget what was tried at an account, in whichever browser."""
    connection.execute(delete(tries).where(tries.c.key.startswith(f"account:{account}", autoescape=True)))


def longest(account: ColumnElement[str]) -> ScalarSelect[datetime | None]:
    """Until when an account waits, in whichever browser: to be selected beside its id."""
    of = select(func.max(tries.c.locked_until)).where(tries.c.key.startswith("account:" + account))
    return of.scalar_subquery()


def forget(connection: Connection, now: datetime) -> int:
    """Delete what nobody tried for :data:`KEPT`; answers how many."""
    return connection.execute(delete(tries).where(tries.c.tried_at < now - KEPT)).rowcount


def _after(now: datetime, failures: int) -> object:
    return literal(now + waiting(failures), Moment)
