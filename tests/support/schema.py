"""Whether a migrated database has the form that the tables in the code say."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from estafet.relay.database import connect


def differences(url: str, *metadata: MetaData) -> list[Any]:
    """What alembic would have to change to get from the database to the tables; nothing when they agree."""
    every = MetaData()
    for each in metadata:
        for table in each.tables.values():
            table.to_metadata(every)
    database = connect(url)
    try:
        with database.read() as connection:
            return list(compare_metadata(MigrationContext.configure(connection), every))
    finally:
        database.engine.dispose()
