"""Accounts: people who sign in to act for an office."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from estafet.events import new_id
from estafet.settings import DESK_ROLES, OFFICE_ROLES
from services.tickets import learning
from services.tickets.signin import passwords, tries
from services.tickets.signin.passwords import LONGEST
from services.tickets.signin.tables import accounts, sessions

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
#: argon2id by OWASP's recommendation of 19 MiB: about 20 ms each, in which this process does nothing else.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Looked at in vain for a name that there is not, so that it takes as long.
_NOBODYS = _HASHER.hash("nobody's")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works for the city.

    Attributes:
        has_password: else they sign in by the city's identity provider alone.
        must_change: somebody else knows the password.
        has_factor: a code is asked for as well.
    """

    id: str
    name: str
    role: str
    office: str | None
    has_password: bool = True
    must_change: bool = False
    has_factor: bool = False


def add(
    connection: Connection,
    name: str,
    role: str,
    office: str | None,
    password: str | None,
    now: datetime,
    must_change: bool = False,
) -> Account:
    """Make an account. Without a password it is for the city's identity provider alone.

    Raises:
        ValueError: a name, role, office or password that cannot be one, or a name that is taken; the message says it.
    """
    _check(connection, name, role, office)
    if password is not None:
        passwords.check(password, name)
    account = Account(new_id(), name, role, office, password is not None, must_change)
    row = {"id": account.id, "name": name, "role": role, "office": office, "must_change": must_change}
    hashed = None if password is None else _HASHER.hash(password)
    connection.execute(insert(accounts).values(**row, password=hashed, made_at=now))
    return account


def set_password(
    connection: Connection, name: str, password: str, must_change: bool = False, but: str | None = None
) -> bool:
    """Set another password, and end every session but one. False: there is no such account.

    Raises:
        ValueError: it cannot be one.
    """
    passwords.check(password, name)
    row = connection.execute(select(accounts.c.id).where(accounts.c.name == name)).one_or_none()
    if row is None:
        return False
    changed = update(accounts).where(accounts.c.id == row.id)
    connection.execute(changed.values(password=_HASHER.hash(password), must_change=must_change))
    connection.execute(delete(sessions).where(sessions.c.account == row.id, sessions.c.hash != (but or "")))
    unlock(connection, name)
    return True


def unlock(connection: Connection, name: str) -> bool:
    """Forget wrong passwords: the next is looked at. False: there is no such account."""
    row = connection.execute(select(accounts.c.id).where(accounts.c.name == name)).one_or_none()
    if row is None:
        return False
    tries.unlock(connection, row.id)
    return True


def end(connection: Connection, name: str, now: datetime) -> bool:
    """End an account and its sessions, now. False: there is no such account, or it ended before."""
    ending = update(accounts).where(accounts.c.name == name, accounts.c.ended_at.is_(None)).values(ended_at=now)
    if connection.execute(ending).rowcount == 0:
        return False
    of = select(accounts.c.id).where(accounts.c.name == name).scalar_subquery()
    connection.execute(delete(sessions).where(sessions.c.account == of))
    return True


def list_accounts(connection: Connection) -> Sequence[RowMapping]:
    """Every account, without its secrets; with until when no password is looked at, if that is so."""
    secret = ("password", "factor", "factor_step")
    columns: list[Any] = [each for each in accounts.c if each.name not in secret]
    second = accounts.c.factor.is_not(None).label("second_factor")
    locked = tries.longest(accounts.c.id).label("locked_until")
    return connection.execute(select(*columns, second, locked).order_by(accounts.c.name)).mappings().all()


def find(connection: Connection, name: str) -> tuple[Account, str | None] | None:
    """The account of this name that has not ended, and its password as it is kept."""
    wanted = select(accounts).where(accounts.c.name == name, accounts.c.ended_at.is_(None))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else (of(row), row.password)


def get(connection: Connection, id: str) -> Account | None:
    """The account with this id that has not ended."""
    row = connection.execute(select(accounts).where(accounts.c.id == id, accounts.c.ended_at.is_(None))).one_or_none()
    return None if row is None else of(row)


def of(row: Any) -> Account:
    """An account from its row."""
    has = (row.password is not None, row.must_change, row.factor is not None)
    return Account(row.id, row.name, row.role, row.office, *has)


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept. It takes as long when none is."""
    try:
        return _HASHER.verify(kept or _NOBODYS, password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _check(connection: Connection, name: str, role: str, office: str | None) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError("a name is 2 to 64 of a-z, 0-9 and . - _ @ +, and begins with a letter or digit")
    if role not in DESK_ROLES:
        raise ValueError(f"there is no role {role}; take one of {', '.join(DESK_ROLES)}")
    if (office is not None) != (role in OFFICE_ROLES):
        raise ValueError(f"an account for {role} {'needs an office' if office is None else 'belongs to no office'}")
    directory = learning.known(connection)
    if office is not None and directory is not None and directory.office(office) is None:
        raise ValueError(f"there is no office {office} in the directory of {directory.city}")
    if connection.execute(select(accounts.c.id).where(accounts.c.name == name)).one_or_none():
        raise ValueError(f"there is an account {name} already")
