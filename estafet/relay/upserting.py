"""INSERT ... ON CONFLICT DO UPDATE, in either dialect: the statement that keeps a row whether it is new or not."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def upserting(connection: Connection, table: Table, once: Collection[str] = ()) -> Insert:
    """Of whole rows by primary key; always the same object. Columns in ``once`` stay as first inserted."""
    return _built(connection.dialect.name, table, frozenset(once))


@cache
def _built(dialect: str, table: Table, once: frozenset[str]) -> Insert:
    inserted = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    kept = once | {column.name for column in table.primary_key}
    changes = {column.name: inserted.excluded[column.name] for column in table.c if column.name not in kept}
    upsert: Insert = inserted.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
    return upsert
