"""A service's database as a SQLite file: frozen by a read transaction, copied by SQLite's own backup."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text

from estafet.backup.errors import Busy, Unfit
from estafet.backup.manifest import create
from estafet.backup.store import Frozen, tables
from estafet.relay.database import connect

#: Seconds that we wait for whoever writes. The services wait for us 5 s, and stand still meanwhile.
_WAIT = 0.5


class SqliteStore:
    """One service's file."""

    form = "sqlite"

    def __init__(self, service: str, url: str) -> None:
        self.service = service
        self._file = Path(make_url(url).database or "")
        self._database = connect(url)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody writes at all: SQLite has one lock."""
        self._check_there()
        with closing(sqlite3.connect(self._file, timeout=_WAIT, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise Busy from error
            yield

    @contextmanager
    def frozen(self) -> Iterator[Frozen]:
        with self._database.read() as connection:
            # The first statement that reads is what begins to see.
            connection.execute(text("select count(*) from sqlite_master"))
            yield Frozen(connection)

    def copy(self, frozen: Frozen, file: Path) -> None:
        source: Any = frozen.connection.connection.dbapi_connection
        with closing(sqlite3.connect(file, isolation_level=None)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself

    def check_unused(self) -> None:
        """Whoever has a file open in write-ahead mode keeps everybody else from ending that mode."""
        if self.is_empty():
            return
        self._database.engine.dispose()
        with closing(sqlite3.connect(self._file, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError as error:
                raise Unfit(f"The database of {self.service} is in use: stop the services first.") from error

    def is_empty(self) -> bool:
        if not self._file.exists():
            return True
        with self._database.read() as connection:
            return not tables(connection)

    def restore(self, file: Path) -> None:
        self._database.engine.dispose()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_name(f"{self._file.name}.restored")
        beside.unlink(missing_ok=True)
        with file.open("rb") as source, create(beside).open("r+b") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        for left in ("-wal", "-shm"):
            self._file.with_name(f"{self._file.name}{left}").unlink(missing_ok=True)
        beside.replace(self._file)

    def close(self) -> None:
        self._database.engine.dispose()

    def _check_there(self) -> None:
        if not self._file.exists():
            raise Unfit(f"There is no {self._file}. Is it elsewhere? Set ESTAFET_DATA. Is it new? estafet migrate")
