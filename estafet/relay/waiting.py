"""Rows that wait for the end of a unit of work, so that a batch writes them with one statement a table."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Delete, Insert, MetaData, Update

from estafet.relay.writing import Row, insert_together

Statement = Insert | Update | Delete


class Waiting:
    """Statements and the rows to execute them with, each row under its key.

    What changes rows or deletes them comes first, then all INSERTs together. Tables are written in the order of their
    foreign keys and rows in that of their keys, so that two batches cannot wait for each other in a circle.
    """

    def __init__(self) -> None:
        self._rows: dict[Statement, dict[Hashable, Row]] = {}

    def add(self, statement: Statement, key: Hashable, row: Row) -> None:
        """Put a row under its key, in the place of the one that waited there."""
        self._rows.setdefault(statement, {})[key] = row

    def get(self, statement: Statement, key: Hashable) -> Row | None:
        return self._rows.get(statement, {}).get(key)

    def write(self, connection: Connection) -> None:
        """Execute each statement once, with all its rows; then nothing waits."""
        rows, self._rows = self._rows, {}
        inserts: list[tuple[Insert, list[Row]]] = []
        for statement in sorted(rows, key=_place):
            ordered = [row for _, row in sorted(rows[statement].items(), key=_key)]
            if isinstance(statement, Insert):
                inserts.append((statement, ordered))
            else:
                connection.execute(statement, ordered)
        insert_together(connection, inserts)


def _key(item: tuple[Any, Row]) -> Any:
    return item[0]


def _place(statement: Statement) -> int:
    table: Any = statement.table
    return _places(table.metadata)[table.name]


@cache
def _places(metadata: MetaData) -> dict[str, int]:
    return {table.name: place for place, table in enumerate(metadata.sorted_tables)}
