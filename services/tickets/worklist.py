"""An office's desk: what is offered to it, held by it, overdue, waits for others, its to decide, or guarded by it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from services.tickets.custody.case import ANSWERED, WORKED_ON
from services.tickets.tables import referrals, texts, tickets

LISTS = ("offered", "held", "overdue", "waiting", "convened", "guarded")
#: Somebody else has to answer: another office, a coordinator, or the reporter.
_ELSEWHERE = ("requested", "offered", "convened", "resolved")
#: No list is counted further.
MOST_COUNTED = 100
#: Characters of the report's text shown in a list.
EXCERPT = 160
_WORDS = 5
#: As the lists' indices are declared: with a parameter PostgreSQL could not know that they hold it. Without them a desk
#: would look through everything that its office ever closed.
_OPEN: ColumnElement[bool] = literal_column("(tickets.status <> 'closed')", Boolean())
_UNANSWERED = or_(referrals.c.outcome.is_(None), referrals.c.outcome.not_in(ANSWERED))
_of_it = texts.alias()
_WRITTEN = select(func.lower(_of_it.c.text)).where(_of_it.c.code == tickets.c.code).scalar_subquery()
_both = tickets.outerjoin(texts, texts.c.code == tickets.c.code)
_WILD = re.compile(r"[%_/]")
_CODE = re.compile(r"[A-Za-z]{2,8}-[0-9A-Za-z-]*")


class BadCursor(ValueError):
    """Not a cursor of ours."""


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[RowMapping]
    next: str | None


def page(
    connection: Connection,
    which: str,
    office: str,
    now: datetime,
    limit: int,
    cursor: str | None = None,
    q: str = "",
    category: str | None = None,
) -> Page:
    """One page of a list, oldest or most urgent first.

    Args:
        q: the beginning of a code, its first hyphen included, or words that the report's text must all hold.

    Raises:
        BadCursor: the cursor is not one of ours.
    """
    order, wanted = _list(which, office, now)
    conditions = [*wanted, *_narrowed(q, category)]
    if cursor is not None:
        conditions.append(tuple_(order, tickets.c.code) > tuple_(*_position(cursor)))
    columns = [tickets, func.substr(texts.c.text, 1, EXCERPT).label("excerpt"), order.label("position")]
    found = select(*columns).select_from(_both).where(*conditions)
    rows = connection.execute(found.order_by(order, tickets.c.code).limit(limit + 1)).mappings().all()
    items = rows[:limit]
    return Page(items, _cursor(items[-1]) if len(rows) > limit else None)


def counts(
    connection: Connection, office: str, now: datetime, q: str = "", category: str | None = None
) -> dict[str, int]:
    """How many reports are on each list; :data:`MOST_COUNTED` also stands for more."""
    found = {}
    narrowed = _narrowed(q, category)
    for which in LISTS:
        _, wanted = _list(which, office, now)
        some = select(tickets.c.code).where(*wanted, *narrowed).limit(MOST_COUNTED).subquery()
        found[which] = select(func.count()).select_from(some).scalar_subquery().label(which)
    return dict(connection.execute(select(*found.values())).mappings().one())


def count_held(connection: Connection, office: str) -> int:
    """How many reports an office holds that are still worked on."""
    held = and_(tickets.c.holder == office, _OPEN, tickets.c.status.in_(WORKED_ON))
    return connection.execute(select(func.count()).select_from(tickets).where(held)).scalar_one()


def _list(which: str, office: str, now: datetime) -> tuple[Any, list[ColumnElement[bool]]]:
    """The column it is ordered by, and what is on it."""
    held = [tickets.c.holder == office, _OPEN, tickets.c.status.in_(WORKED_ON)]
    if which == "offered":
        return tickets.c.accept_by, [tickets.c.offered_to == office]
    if which == "held":
        return tickets.c.held_since, held
    if which == "overdue":
        return tickets.c.resolve_by, [*held, tickets.c.resolve_by < now]
    if which == "waiting":
        asked = exists().where(referrals.c.code == tickets.c.code, _UNANSWERED)
        at_an_agency = and_(tickets.c.status == "held", asked)
        elsewhere = or_(tickets.c.status.in_(_ELSEWHERE), at_an_agency)
        return tickets.c.held_since, [tickets.c.holder == office, _OPEN, elsewhere]
    if which == "convened":
        return tickets.c.held_since, [tickets.c.coordinator == office, tickets.c.status == "convened"]
    guarded = [tickets.c.guardian == office, _OPEN, tickets.c.holder != office]
    return tickets.c.held_since, guarded


def _narrowed(q: str, category: str | None) -> list[ColumnElement[bool]]:
    return [*_matching(q), *([tickets.c.category == category] if category is not None else [])]


def _matching(q: str) -> list[ColumnElement[bool]]:
    """Each report on a list is asked for its text, in the list's order: a list is as long as what an office has open.

    With the texts joined, PostgreSQL may begin with them; and every report that ever was has one. It keeps a plan for
    whatever words come, so it cannot be left the choice.
    """
    if _CODE.fullmatch(q.strip()):
        return [tickets.c.code.startswith(q.strip().upper(), autoescape=True)]
    return [_WRITTEN.like(func.lower(_anywhere(word)), escape="/") for word in q.split()[:_WORDS]]


def _anywhere(word: str) -> str:
    literal = _WILD.sub(r"/\g<0>", word)
    return f"%{literal}%"


def _cursor(row: RowMapping) -> str:
    position = json.dumps([row["position"].isoformat(), row["code"]])
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        moment, code = json.loads(text)
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not isinstance(code, str) or not code.isprintable():
            raise ValueError("not ours")
        return at.astimezone(UTC), code
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise BadCursor from error
