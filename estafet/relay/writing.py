"""Many rows, one statement: on PostgreSQL as one parameter, for it plans a statement of many VALUES anew each time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Insert, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSON

from estafet.relay.tables import utc

Row = Mapping[str, Any]


def insert_all(connection: Connection, statement: Insert, rows: Sequence[Row]) -> CursorResult[Any]:
    """Execute an INSERT with these rows, in their order; all have the same columns, and each key is there once.

    PostgreSQL gets them as one JSON document, which it takes apart itself (``json_to_recordset``): the statement is the
    same for any number of rows, so it is prepared once.
    """
    if connection.dialect.name != "postgresql":
        return connection.execute(statement, rows)
    document = json.dumps(rows, default=_as_text, ensure_ascii=False, separators=(",", ":"))
    return connection.execute(_from_document(statement, tuple(rows[0])), {"rows": document})


@cache
def _from_document(statement: Insert, names: tuple[str, ...]) -> Executable:
    columns = [column(name, statement.table.c[name].type) for name in names]
    document = cast(bindparam("rows", type_=Text), JSON)
    rows = func.json_to_recordset(document).table_valued(*columns).render_derived("given", with_types=True)
    built: Executable = statement.from_select(names, select(*(rows.c[name] for name in names)))
    return built


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} is in no column of ours")
