"""Sessions: a browser that somebody signed in with, until they leave, stay away, or the day is over."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update

from services.tickets.access.tokens import Token
from services.tickets.signin import accounts as people
from services.tickets.signin.accounts import Account
from services.tickets.signin.tables import accounts, sessions

#: Unused for so long, a session ends; and a desk signs in anew every working day.
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
#: How exactly it is known when one was used.
_GRAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody at a desk.

    Attributes:
        token: what they are entitled to, as if they had shown a token in their role.
        worn: nobody has written down for a while that the session is used: :func:`touch` it.
    """

    session: str
    account: Account
    worn: bool

    @property
    def token(self) -> Token:
        return Token(self.account.id, self.account.role, self.account.office, seated=True)


def begin(connection: Connection, account: Account, now: datetime) -> str:
    """What the browser's cookie is to say."""
    text = secrets.token_urlsafe(32)
    row = {"hash": _hash(text), "account": account.id, "began_at": now, "seen_at": now}
    connection.execute(insert(sessions).values(row))
    return text


def find(connection: Connection, text: str, now: datetime) -> Seat | None:
    """Who sits there; None: nobody any more."""
    wanted = (
        select(sessions.c.hash, sessions.c.seen_at, accounts)
        .join(accounts)
        .where(
            sessions.c.hash == _hash(text),
            sessions.c.seen_at > now - IDLE,
            sessions.c.began_at > now - LONGEST,
            accounts.c.ended_at.is_(None),
        )
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    return Seat(row.hash, people.of(row), row.seen_at < now - _GRAIN)


def touch(connection: Connection, seat: Seat, now: datetime) -> None:
    connection.execute(update(sessions).where(sessions.c.hash == seat.session).values(seen_at=now))


def end(connection: Connection, text: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.hash == _hash(text)))


def of(connection: Connection, account: str, now: datetime) -> Sequence[RowMapping]:
    """The sessions of an account that have not ended, the one last used first."""
    alive = (sessions.c.account == account, sessions.c.seen_at > now - IDLE, sessions.c.began_at > now - LONGEST)
    return connection.execute(select(sessions).where(*alive).order_by(sessions.c.seen_at.desc())).mappings().all()


def end_others(connection: Connection, seat: Seat) -> int:
    """End every other session of who sits there; answers how many."""
    others = (sessions.c.account == seat.account.id, sessions.c.hash != seat.session)
    return connection.execute(delete(sessions).where(*others)).rowcount


def forget(connection: Connection, now: datetime) -> int:
    """Delete those that ended by themselves; answers how many."""
    over = or_(sessions.c.seen_at <= now - IDLE, sessions.c.began_at <= now - LONGEST)
    return connection.execute(delete(sessions).where(over)).rowcount


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
