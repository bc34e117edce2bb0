"""The services' databases, in memory: made by their own migrations once, and put back to a kept state for each seed."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from estafet.relay.database import Database, connect
from estafet.relay.migrate import upgrade
from tests.simulation.perils import Perils


class FragileDatabase(Database):
    """The relay's own, but that the process can die around a commit, and it can be away."""

    def __init__(self, service: str, perils: Perils) -> None:
        super().__init__(connect("sqlite://").engine)
        self._perils = perils
        self.raw: sqlite3.Connection = self._driver_connection()
        self.commits = 0
        #: Told of each transaction's end: whether it was committed.
        self.on_end: Callable[[bool], None] = lambda committed: None
        self._migrate(service)
        self._kept = sqlite3.connect(":memory:")

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        self._fail_at("the database is away")
        try:
            with super().begin() as connection:
                yield connection
                self._perils.pass_by("before the commit")
                self._fail_at("the database is away at the commit")
        except BaseException:
            self.on_end(False)
            raise
        self.commits += 1
        self.on_end(True)
        self._fail_at("the commit is not answered")
        self._perils.pass_by("after the commit")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self._fail_at("the database is away")
        with super().read() as connection:
            yield connection

    def _fail_at(self, place: str) -> None:
        if self._perils.armed is not None and self._perils.strikes(place):
            raise OperationalError("(a statement)", {}, ConnectionError(place))

    def keep(self) -> None:
        """Remember the present content."""
        self.raw.backup(self._kept)

    def restore(self) -> None:
        self._kept.backup(self.raw)

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Read past SQLAlchemy, for speed: what is read is the books' own."""
        return self.raw.execute(query, values).fetchall()

    def _driver_connection(self) -> sqlite3.Connection:
        """The one connection: SQLAlchemy keeps one a thread for a database in memory."""
        borrowed = self.engine.raw_connection()
        raw = borrowed.driver_connection
        borrowed.close()
        assert isinstance(raw, sqlite3.Connection)
        return raw

    def _migrate(self, service: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "made.sqlite"
            upgrade(service, f"sqlite:///{file}")
            made = sqlite3.connect(file)
            made.backup(self.raw)
            made.close()


def stored(moment: datetime) -> str:
    """A moment as SQLite has it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC) if stored else None
