"""Who pressed it: of each message that says what somebody at a desk did, which account it was.

Everybody reads which office acted. Which person is for the city alone, so it stands apart from the chain, and is
neither published nor shown on any page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select

from estafet.relay.work import Work
from services.tickets.signin.tables import accounts, acts
from services.tickets.tables import chain

_KEEP = insert(acts)


def keep(work: Work, account: str, code: str, messages: Iterable[str]) -> None:
    """What an account did to a report, by the ids of the messages that say so, in their transaction."""
    for id in messages:
        work.later(_KEEP, id, {"message": id, "code": code, "account": account, "at": work.now})


def by_account(connection: Connection, name: str, limit: int) -> Sequence[RowMapping]:
    """What somebody did, the latest first."""
    return _listed(connection, accounts.c.name == name, limit)


def on_report(connection: Connection, code: str, limit: int) -> Sequence[RowMapping]:
    """What was done to a report at desks, the latest first."""
    return _listed(connection, acts.c.code == code, limit)


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete the oldest of what was done before then; answers how many."""
    oldest = select(acts.c.message).where(acts.c.at < before).order_by(acts.c.at).limit(limit)
    return connection.execute(delete(acts).where(acts.c.message.in_(oldest))).rowcount


def _listed(connection: Connection, whose: ColumnElement[bool], limit: int) -> Sequence[RowMapping]:
    what = (acts.c.at, acts.c.code, chain.c.name.label("what"), accounts.c.office, accounts.c.name.label("account"))
    said = acts.join(accounts).outerjoin(chain, (chain.c.code == acts.c.code) & (chain.c.id == acts.c.message))
    wanted = select(*what, acts.c.message).select_from(said).where(whose)
    return connection.execute(wanted.order_by(acts.c.at.desc(), acts.c.message.desc()).limit(limit)).mappings().all()
