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
from services.tickets import learning
from services.tickets.signin.tables import accounts, sessions

#: Apps have tokens; they do not sign in.
ROLES = ("officer", "coordinator", "auditor", "ops")
#: Characters; longer is safer than stranger (NIST SP 800-63B).
SHORTEST, LONGEST = 10, 200

_OF_OFFICE = ("officer", "coordinator")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
#: argon2id by OWASP's recommendation of 19 MiB: about 20 ms each, in which this process does nothing else.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Looked at in vain for a name that there is not, so that it takes as long.
_NOBODYS = _HASHER.hash("nobody's")


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    role: str
    office: str | None


def add(connection: Connection, name: str, role: str, office: str | None, password: str, now: datetime) -> Account:
    """Make an account.

    Raises:
        ValueError: a name, role, office or password that cannot be one, or a name that is taken; the message says it.
    """
    _check(connection, name, role, office, password)
    account = Account(new_id(), name, role, office)
    row = {"id": account.id, "name": name, "role": role, "office": office, "password": _HASHER.hash(password)}
    connection.execute(insert(accounts).values(**row, made_at=now, failures=0))
    return account


def change_password(connection: Connection, name: str, password: str) -> bool:
    """Set another password, and end every session. False: there is no such account.

    Raises:
        ValueError: it cannot be one.
    """
    _check_password(password)
    row = connection.execute(select(accounts.c.id).where(accounts.c.name == name)).one_or_none()
    if row is None:
        return False
    changed = update(accounts).where(accounts.c.id == row.id)
    connection.execute(changed.values(password=_HASHER.hash(password), failures=0, locked_until=None))
    connection.execute(delete(sessions).where(sessions.c.account == row.id))
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
    """Every account, without its password."""
    columns: list[Any] = [each for each in accounts.c if each.name != "password"]
    return connection.execute(select(*columns).order_by(accounts.c.name)).mappings().all()


def prove(connection: Connection, name: str, password: str) -> Account | None:
    """The account, if the password is its own. It takes as long when there is no such account."""
    wanted = select(accounts).where(accounts.c.name == name.strip().lower(), accounts.c.ended_at.is_(None))
    row = connection.execute(wanted).one_or_none()
    proven = _is_password(row.password if row and row.password else _NOBODYS, password[:LONGEST])
    if row is None or row.password is None or not proven:
        return None
    return Account(row.id, row.name, row.role, row.office)


def _is_password(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _check(connection: Connection, name: str, role: str, office: str | None, password: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError("a name is 2 to 64 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or digit")
    if role not in ROLES:
        raise ValueError(f"there is no role {role}; take one of {', '.join(ROLES)}")
    if (office is not None) != (role in _OF_OFFICE):
        raise ValueError(f"an account for {role} {'needs an office' if office is None else 'belongs to no office'}")
    directory = learning.known(connection)
    if office is not None and directory is not None and directory.office(office) is None:
        raise ValueError(f"there is no office {office} in the directory of {directory.city}")
    if connection.execute(select(accounts.c.id).where(accounts.c.name == name)).one_or_none():
        raise ValueError(f"there is an account {name} already")
    _check_password(password)


def _check_password(password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
