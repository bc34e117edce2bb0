"""INSERT ... ON CONFLICT, in either dialect."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert


def inserting(dialect: str, table: Table) -> PostgresqlInsert | SqliteInsert:
    """An INSERT that knows ON CONFLICT. ``dialect`` is the name that a connection's dialect has."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def upserting(connection: Connection, table: Table, once: Collection[str] = ()) -> Insert:
    """Keeps whole rows by primary key, whether they are new or not; always the same object.

    Columns in ``once`` stay as first inserted.
    """
    return _built(connection.dialect.name, table, frozenset(once))


@cache
def _built(dialect: str, table: Table, once: frozenset[str]) -> Insert:
    inserted = inserting(dialect, table)
    kept = once | {column.name for column in table.primary_key}
    changes = {column.name: inserted.excluded[column.name] for column in table.c if column.name not in kept}
    upsert: Insert = inserted.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
    return upsert
