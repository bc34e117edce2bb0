"""Office tokens: issued and revoked by an operator, stored as hashes.

A token carries 256 random bits, so nobody can try them through; a slow password hash, made to protect what people
choose themselves, would only make every request slow.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, or_, select, update

from estafet.events import new_id
from estafet.settings import OFFICE_ROLES
from services.tickets import learning
from services.tickets.access.entitlement import TOKEN_ROLES
from services.tickets.tables import tokens

PREFIX = "est_"
_VALID = select(tokens.c.id, tokens.c.role, tokens.c.office, tokens.c.app).where(
    tokens.c.hash == bindparam("shown"),
    tokens.c.revoked_at.is_(None),
    or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > bindparam("now")),
)
#: Names of apps, the same as those of their accounts on the broker.
_APP = re.compile(r"[a-z0-9]{1,32}")


@dataclass(frozen=True, slots=True)
class Token:
    id: str
    role: str
    office: str | None
    #: What an app's reports are known by as its own: its name, or the token's id when it was issued without one.
    app: str | None = None
    #: It stands for somebody who signed in at a desk: ``id`` is their account's.
    seated: bool = False


def issue(
    connection: Connection,
    role: str,
    whose: str | None,
    label: str,
    now: datetime,
    expires: datetime | None = None,
) -> tuple[str, str]:
    """Make a token; answers its text, which is shown this once, and its id.

    Args:
        whose: the office it acts for, or the name of the app.

    Raises:
        ValueError: an unknown role or office, an office missing, one too many, or an app's name that cannot be one.
            The message says which.
    """
    app, office = (whose, None) if role == "app" else (None, whose)
    _check(connection, role, office)
    if app is not None and not _APP.fullmatch(app):
        raise ValueError("the name of an app is 1 to 32 of a-z and 0-9")
    text = PREFIX + secrets.token_urlsafe(32)
    id = new_id()
    row = {"id": id, "hash": _hash(text), "role": role, "office": office, "app": app, "label": label}
    connection.execute(insert(tokens).values(**row, issued_at=now, expires_at=expires))
    return text, id


def revoke(connection: Connection, id: str, now: datetime) -> bool:
    """End a token now. False: there is no such token, or it is revoked already."""
    ending = update(tokens).where(tokens.c.id == id, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(ending).rowcount == 1


def list_tokens(connection: Connection) -> Sequence[RowMapping]:
    """Every token ever issued, without its hash."""
    columns: list[Any] = [each for each in tokens.c if each.name != "hash"]
    return connection.execute(select(*columns).order_by(tokens.c.issued_at, tokens.c.id)).mappings().all()


def find(connection: Connection, text: str, now: datetime) -> Token | None:
    """The token, if it is one of ours, neither revoked nor expired."""
    row = connection.execute(_VALID, {"shown": _hash(text), "now": now}).one_or_none()
    if row is None:
        return None
    return Token(row.id, row.role, row.office, (row.app or row.id) if row.role == "app" else None)


def _check(connection: Connection, role: str, office: str | None) -> None:
    if role not in TOKEN_ROLES:
        raise ValueError(f"there is no role {role}; take one of {', '.join(TOKEN_ROLES)}")
    if (office is not None) != (role in OFFICE_ROLES):
        raise ValueError(f"a token for {role} {'needs an office' if office is None else 'belongs to no office'}")
    directory = learning.known(connection)
    if office is not None and directory is not None and directory.office(office) is None:
        raise ValueError(f"there is no office {office} in the directory of {directory.city}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
