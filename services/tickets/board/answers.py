"""What the board's endpoints take and answer: the figures as JSON, and as a table for spreadsheets."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from estafet.web import Input
from services.tickets.board.figures import Area, Board, Office, Row
from services.tickets.board.keeping import PERIODS
from services.tickets.rating.ikm import Ikm
from services.tickets.rating.survey import ELEMENTS

_DAY = timedelta(days=1)


class BoardQuery(Input):
    #: The period: so many days until now.
    days = fields.Integer(load_default=PERIODS[0], validate=validate.OneOf(PERIODS))


class Seconds(fields.Integer):
    """A span."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return None if value is None else int(value.total_seconds())


class ShareView(Schema):
    part = fields.Integer(required=True)
    whole = fields.Integer(required=True)
    percent = fields.Integer(allow_none=True, required=True)


class TotalsView(Schema):
    opened = fields.Integer(required=True)
    resolved = fields.Integer(required=True)
    working = fields.Integer(required=True)
    #: Of the reports that came, so many at least, in fives; null: too few to say.
    confidential = fields.Integer(allow_none=True, required=True)
    median_seconds = Seconds(attribute="median", allow_none=True, required=True)
    #: Resolved reports with 0, 1, 2, and 3 or more handoffs between offices.
    hops = fields.List(fields.Integer(), required=True)
    hops_mean = fields.Float(allow_none=True, required=True)
    right_first_time = fields.Nested(ShareView, attribute="first", required=True)
    bounces_stopped = fields.Integer(attribute="stopped", required=True)


class RowView(Schema):
    #: Null: no area was given.
    code = fields.String(allow_none=True, required=True)
    name = fields.Function(lambda row: _name(row.name), required=True, metadata={"type": "string"})
    opened = fields.Integer(required=True)
    resolved = fields.Integer(required=True)
    median_seconds = Seconds(attribute="median", allow_none=True, required=True)


class AreaView(RowView):
    within = fields.List(fields.Nested(RowView), required=True)


class WaitView(Schema):
    code = fields.String(required=True)
    category = fields.String(required=True)
    office = fields.String(required=True)
    office_name = fields.String(required=True)
    days = fields.Integer(required=True)
    overdue = fields.Boolean(required=True)


class IkmView(Schema):
    """The index of public satisfaction (PermenPANRB 14/2017); null where too few answered."""

    ratings = fields.Integer(allow_none=True, required=True)
    means = fields.Dict(keys=fields.String(), values=fields.Float(allow_none=True), required=True)
    index = fields.Float(allow_none=True, required=True)
    grade = fields.String(allow_none=True, required=True)


class OfficeFigures(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    held = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    accept_median_seconds = Seconds(attribute="accept_median", allow_none=True, required=True)
    refused = fields.Integer(required=True)
    ikm = fields.Nested(IkmView, required=True)


class ContactedView(Schema):
    """How many offices reporters had to contact; null while too few said it."""

    answers = fields.Integer(allow_none=True, required=True)
    mean = fields.Float(allow_none=True, required=True)


class BoardView(Schema):
    city = fields.Function(lambda board: board.city.city, required=True, metadata={"type": "string"})
    days = fields.Integer(required=True)
    #: When it was counted.
    time = fields.AwareDateTime(required=True)
    totals = fields.Nested(TotalsView, required=True)
    categories = fields.List(fields.Nested(RowView), required=True)
    areas = fields.List(fields.Nested(AreaView), required=True)
    waits = fields.List(fields.Nested(WaitView), required=True)
    offices = fields.List(fields.Nested(OfficeFigures), required=True)
    ikm = fields.Nested(IkmView, required=True)
    contacted = fields.Nested(ContactedView, required=True)


def tag(board: Board, *more: str) -> str:
    """What a board is told from another one by; ``more``: how it is told."""
    return hashlib.sha256("\n".join((repr(board), board.city.edition, *more)).encode()).hexdigest()[:20]


#: The first line of the table.
COLUMNS = ("days", "table", "code", "name", "figure", "value")


def table(board: Board) -> str:
    """Every figure on a line of its own (CSV, RFC 4180). Spans are in days; a figure that is not shown is left out."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    for about, code, name, figures in _tables(board):
        for figure, value in figures.items():
            if value is not None:
                lines.writerow((board.days, about, code, name, figure, value))
    return out.getvalue()


def _tables(board: Board) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    totals = board.totals
    yield (
        "city",
        "",
        board.city.city,
        {
            "opened": totals.opened,
            "resolved": totals.resolved,
            "working": totals.working,
            "confidential": totals.confidential,
            "median_days": _days(totals.median),
            "hops_mean": None if totals.hops_mean is None else round(totals.hops_mean, 2),
            **{f"hops_{count}{'+' * (count == len(totals.hops) - 1)}": each for count, each in enumerate(totals.hops)},
            "right_first_time_percent": totals.first.percent,
            "bounces_stopped": totals.stopped,
            "offices_contacted_mean": None if board.contacted.mean is None else round(board.contacted.mean, 2),
            **_of_ikm(board.ikm),
        },
    )
    for row in board.categories:
        yield "category", row.code or "", _name(row.name), _of_row(row)
    for area in board.areas:
        yield ("district" if area.within else "area"), area.code or "", _name(area.name), _of_row(area)
        for row in area.within:
            yield "area", row.code or "", _name(row.name), _of_row(row)
    for office in board.offices:
        yield "office", office.code, office.name, _of_office(office)
    for wait in board.waits:
        yield "wait", wait.code, wait.office_name, {"category": wait.category, "days": wait.days, "late": wait.overdue}


def _of_row(row: Row | Area) -> dict[str, Any]:
    return {"opened": row.opened, "resolved": row.resolved, "median_days": _days(row.median)}


def _of_office(office: Office) -> dict[str, Any]:
    return {
        "held": office.held,
        "overdue": office.overdue,
        "accepted": office.accepted,
        "accept_median_days": _days(office.accept_median),
        "refused": office.refused,
        **_of_ikm(office.ikm),
    }


def _of_ikm(ikm: Ikm) -> dict[str, Any]:
    means = {f"ikm_{each}": ikm.means[each] for each in ELEMENTS}
    return {"ratings": ikm.ratings, "ikm": ikm.index, "ikm_grade": ikm.grade, **means}


def _days(span: timedelta | None) -> float | None:
    return None if span is None else round(span / _DAY, 2)


def _name(names: Mapping[str, str]) -> str:
    """In the city's language."""
    return names.get("id") or next(iter(names.values()), "")
