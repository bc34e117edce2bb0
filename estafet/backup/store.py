"""What a backup needs of a service's database, whichever kind it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select, table


@dataclass(frozen=True, slots=True)
class Frozen:
    """A database as it was at one moment: what is read over ``connection`` is of then, whatever is committed since."""

    connection: Connection
    #: Its name, by which another session sees the same; empty where there are no names.
    snapshot: str = ""


class Store(Protocol):
    """One service's database."""

    service: str
    #: Of the files with its copies, and in the manifest.
    form: str

    def still(self) -> AbstractContextManager[None]:
        """While it lasts no message is handled; whoever was at it has committed. Short: they wait.

        Raises:
            Busy: not just now.
        """

    def frozen(self) -> AbstractContextManager[Frozen]:
        """What is committed now, for as long as it lasts. Nobody waits for it."""

    def copy(self, frozen: Frozen, file: Path) -> None:
        """Write it into an empty file."""

    def check_unused(self) -> None:
        """Raises Unfit: somebody is connected."""

    def is_empty(self) -> bool:
        """Whether there is no table in it."""

    def restore(self, file: Path) -> None:
        """Put a copy in the place of whatever is there.

        Raises:
            Unfit: it could not be read. What was there is gone; it can be tried again.
        """

    def close(self) -> None:
        """End its connections."""


def tables(connection: Connection) -> list[str]:
    """Every table, the one that alembic keeps its mark in included."""
    return sorted(inspect(connection).get_table_names())


def counts(connection: Connection, names: Iterable[str]) -> Mapping[str, int]:
    """Rows, by table."""
    return {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names}


def migration(connection: Connection) -> str:
    """The newest migration; empty before the first."""
    return MigrationContext.configure(connection).get_current_revision() or ""
