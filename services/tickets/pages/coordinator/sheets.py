"""Tables to save, as CSV (RFC 4180): codes and numbers, never a name, a text or a contact.

Everything is ASCII, so no byte order mark is needed to open them; and no cell can be taken for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from services.tickets.statistics import convened as waiting
from services.tickets.statistics.flows import COUNTS, Flow
from services.tickets.statistics.overdue import Late

#: A spreadsheet takes a cell for a formula that begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[Any]


def text(rows: Iterable[Row]) -> str:
    """Rows as CSV; a cell that could be taken for a formula begins with an apostrophe."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_cell(each) for each in row] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def respond(name: str, rows: Iterable[Row]) -> Response:
    response = Response(text(rows), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def flows(found: Iterable[Flow]) -> Iterable[Row]:
    yield ("sender", "receiver", *COUNTS)
    for each in found:
        yield (each.sender, each.receiver, *(getattr(each, name) for name in COUNTS))


def overdue(found: Iterable[Late]) -> Iterable[Row]:
    yield ("office", "held", "overdue", "oldest_due", "median_days_late")
    for each in found:
        yield (each.office, each.held, each.overdue, each.oldest, f"{each.days:.1f}" if each.overdue else None)


def convened(rows: Iterable[Mapping[Any, Any]], between: Mapping[str, Sequence[str]]) -> Iterable[Row]:
    yield ("code", "category", "coordinator", "convened_at", "due", "holder", "between", "version")
    for row in rows:
        who = (row["coordinator"], waiting.since(row), row["resolve_by"], row["holder"])
        yield (row["code"], row["category"], *who, " ".join(between[row["code"]]), row["version"])
