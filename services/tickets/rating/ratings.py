"""Ratings kept and read. They are no act of custody: they make no event and change nothing of the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from estafet.relay.upserting import upserting
from estafet.relay.work import Work
from estafet.web import Problem
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight
from services.tickets.custody.case import Case
from services.tickets.rating.survey import ELEMENTS, require_answer
from services.tickets.rating.tables import ratings, remarks

#: When a report can be rated: its reporter has been told that it is done.
RATED = ("resolved", "closed")

_REMARK = select(ratings, remarks.c.text.label("remark")).outerjoin(remarks, remarks.c.code == ratings.c.code)


def rate(work: Work, sight: Sight, given: Mapping[str, Any]) -> None:
    """Keep a checked rating of a report that was taken, in the place of the one before.

    Raises:
        Problem: it is not theirs to rate, or not yet; or nothing is answered.
    """
    may_rate(sight)
    require_answer(given)
    code, connection = sight.case.code, work.connection
    row = {"code": code, "at": work.now, "office": sight.case.resolved_by}
    row |= {**given["scores"], "offices_contacted": given["offices_contacted"]}
    connection.execute(upserting(connection, ratings), row)
    connection.execute(delete(remarks).where(remarks.c.code == code))
    if given["remark"]:
        connection.execute(insert(remarks).values(code=code, text=given["remark"]))


def may_rate(sight: Sight) -> None:
    """Go on only if the report is theirs to rate now.

    Raises:
        Problem: why not.
    """
    sight.require(Action.RATE)
    if not ratable(sight.case):
        raise Problem("not-resolved", "It can be rated when an office has said that it is done.")


def ratable(case: Case) -> bool:
    return case.status in RATED


def rating(connection: Connection, code: str) -> dict[str, Any] | None:
    """What the reporter answered last."""
    row = connection.execute(_REMARK.where(ratings.c.code == code)).mappings().one_or_none()
    if row is None:
        return None
    return {
        "scores": {each: row[each] for each in ELEMENTS},
        "offices_contacted": row["offices_contacted"],
        "remark": row["remark"],
        "time": row["at"],
        "office": row["office"],
    }
