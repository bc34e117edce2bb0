"""Reports as service requests: which are asked for, and what is shown of each.

What was written, and where exactly it is, is shown to the app that sent it and to nobody else. Confidential reports are
not there at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, false, select

from estafet.web import Problem
from services.tickets import codes
from services.tickets.codes import Mistyped
from services.tickets.directory import Directory
from services.tickets.open311 import statuses
from services.tickets.open311.rendering import Document, Items, Value
from services.tickets.open311.services import name_of
from services.tickets.open311.statuses import Standing, written
from services.tickets.tables import texts, tickets

#: The longest time that may be asked for, and what is meant when none is said.
SPAN = timedelta(days=90)

_WRITTEN = (texts.c.text, texts.c.lat, texts.c.long, texts.c.address, texts.c.media_url)
_PUBLIC = tickets.c.confidential.is_(False)


def window(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """From when until when.

    Raises:
        Problem: ``invalid``, when it ends before it begins or is longer than :data:`SPAN`.
    """
    try:
        until = end or (min(now, start + SPAN) if start else now)
        since = start or until - SPAN
    except OverflowError:
        raise _no_window("end_date", "there is no such time") from None
    if start and end and until < since:
        raise _no_window("end_date", "is before start_date")
    if until - since > SPAN:
        raise _no_window("end_date", f"at most {SPAN.days} days after start_date")
    return since, until


def _no_window(field: str, reason: str) -> Problem:
    return Problem("invalid", f"{field}: {reason}.", [(field, reason)])


def named(connection: Connection, ids: Iterable[str], directory: Directory, app: str | None) -> Sequence[RowMapping]:
    """The reports with these codes, of those that are shown at all."""
    wanted = {code for each in ids if (code := _code(each, directory))}
    found = _shown(app).where(tickets.c.code.in_(wanted)).order_by(tickets.c.opened_at.desc(), tickets.c.code.desc())
    return connection.execute(found).mappings().all()


def listed(connection: Connection, query: Mapping[str, Any], now: datetime, app: str | None) -> Sequence[RowMapping]:
    """One page, the latest reported first.

    Raises:
        Problem: ``invalid``, as :func:`window`.
    """
    since, until = window(query["start_date"], query["end_date"], now)
    conditions: list[ColumnElement[bool]] = [tickets.c.opened_at.between(since, until)]
    if query["service_code"]:
        conditions.append(tickets.c.category.in_(query["service_code"]))
    if query["status"]:
        inner = {"open": statuses.OPEN, "closed": statuses.CLOSED}
        conditions.append(tickets.c.status.in_([each for name in query["status"] for each in inner[name]]))
    size = query["page_size"]
    found = _shown(app).where(*conditions).order_by(tickets.c.opened_at.desc(), tickets.c.code.desc())
    return connection.execute(found.limit(size).offset((query["page"] - 1) * size)).mappings().all()


def _shown(app: str | None) -> Select[Any]:
    # Whoever shows no key is no app. SQLAlchemy would read None as "sent by none", which most reports are.
    sent = tickets.c.app == app if app is not None else false()
    theirs = and_(texts.c.code == tickets.c.code, sent)
    return select(tickets, *_WRITTEN).outerjoin(texts, theirs).where(_PUBLIC)


def _code(text: str, directory: Directory) -> str | None:
    try:
        return codes.read(text, directory.code_prefix)
    except Mistyped:
        return None


def document(rows: Iterable[Mapping[Any, Any]], directory: Directory, app: str | None, now: datetime) -> Document:
    return Document("service_requests", Items("request", [_request(row, directory, app, now) for row in rows]))


def _request(row: Mapping[Any, Any], directory: Directory, app: str | None, now: datetime) -> Value:
    standing = Standing.of(row)
    service = directory.services.get(row["category"])
    # What comes after the end, such as the reporter's erasure, is no news of the request.
    updated = row["closed_at"] or row["updated_at"] or row["held_since"]
    return {
        "service_request_id": row["code"],
        "status": statuses.status(standing),
        "status_notes": statuses.notes(standing, directory, now),
        "service_name": name_of(service) if service else row["category"],
        "service_code": row["category"],
        "description": row["text"],
        "agency_responsible": directory.name(row["holder"]),
        "service_notice": None,
        "requested_datetime": written(row["opened_at"], directory),
        "updated_datetime": written(updated, directory),
        "expected_datetime": written(row["resolve_by"], directory),
        "address": row["address"],
        "address_id": row["place"] if app is not None and row["app"] == app else None,
        "zipcode": None,
        "lat": row["lat"],
        "long": row["long"],
        "media_url": row["media_url"],
    }
