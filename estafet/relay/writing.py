"""Many rows, one statement: on PostgreSQL as one parameter, for it plans a statement of many VALUES anew each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, CursorResult, Executable, Insert, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSON

from estafet.relay.tables import utc

Row = Mapping[str, Any]

#: Times by our own rule; names that SQLAlchemy has to quote, which are a kind of ``str``, as names.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def insert_all(connection: Connection, statement: Insert, rows: Sequence[Row]) -> CursorResult[Any]:
    """Execute an INSERT with these rows, in their order; all have the same columns, and each key is there once.

    PostgreSQL gets them as one JSON document, which it takes apart itself (``json_to_recordset``): the statement is the
    same for any number of rows, so it is prepared once.
    """
    if connection.dialect.name != "postgresql":
        return connection.execute(statement, rows)
    return connection.execute(_from_document(statement, tuple(rows[0]), "rows"), {"rows": _document(rows)})


def insert_together(connection: Connection, inserts: Sequence[tuple[Insert, Sequence[Row]]]) -> None:
    """Execute several INSERTs, each as :func:`insert_all` does, in one round trip where the database can.

    A row must not be written by two of them. What refers to another finds it: PostgreSQL looks when all is written.
    """
    if connection.dialect.name != "postgresql":
        for statement, rows in inserts:
            connection.execute(statement, rows)
    elif inserts:
        together = _together(tuple((statement, tuple(rows[0])) for statement, rows in inserts))
        connection.execute(together, {f"rows{at}": _document(rows) for at, (_, rows) in enumerate(inserts)})


@cache
def _together(statements: tuple[tuple[Insert, tuple[str, ...]], ...]) -> Executable:
    """The last of them, with the others in its WITH."""
    *before, last = (_from_document(each, names, f"rows{at}") for at, (each, names) in enumerate(statements))
    return last.add_cte(*(each.cte(f"write{at}") for at, each in enumerate(before)))


@cache
def _from_document(statement: Insert, names: tuple[str, ...], parameter: str) -> Insert:
    columns = [column(name, statement.table.c[name].type) for name in names]
    document = cast(bindparam(parameter, type_=Text), JSON)
    rows = func.json_to_recordset(document).table_valued(*columns).render_derived("given", with_types=True)
    return statement.from_select(names, select(*(rows.c[name] for name in names)))


def _document(rows: Sequence[Row]) -> str:
    try:
        return orjson.dumps(rows, default=_as_text, option=_OPTIONS).decode()
    except orjson.JSONEncodeError as error:
        raise (error.__cause__ or error) from None  # the cause says what is wrong with which value


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} is in no column of ours")
