"""One service's database: PostgreSQL when deployed, a SQLite file when embedded."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, exc

#: Milliseconds that SQLite waits for another process.
_BUSY = 5000
#: Seconds without use after which a connection may be gone without our having noticed.
_REST = 1.0
#: What a database that is away, full, or being restarted raises; a handler's own mistakes raise others.
_INFRASTRUCTURE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


class Database:
    """Transactions on an engine.

    SQLite has one writer. Under eventlet a writer that waits inside SQLite would stop the whole process, the writer it
    waits for included; so writers of this process queue on a lock of ours first, which lets the others go on.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._writer: AbstractContextManager[Any] = nullcontext() if self.is_postgresql else threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes: committed at the end, rolled back on any exception."""
        with self._writer, self.engine.begin() as connection:
            yield connection
        if not self.is_postgresql:
            time.sleep(0)  # SQLite does not wait together with eventlet: who writes on and on lets nobody else run

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from. Each statement sees what is committed by then.

        On PostgreSQL without a transaction: two round trips less, and psycopg forgets every prepared statement of a
        connection that is rolled back.
        """
        options = {"isolation_level": "AUTOCOMMIT"} if self.is_postgresql else {"reading": True}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    def checkpoint(self) -> None:
        """SQLite keeps the pages before a change in a second file: begin that anew, if nobody is reading just now."""
        if not self.is_postgresql:
            with self._writer, self.engine.connect() as connection:
                raw: Any = connection.connection.dbapi_connection
                raw.execute("PRAGMA busy_timeout=0")  # to wait for a reader of this very process would be for nothing
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                raw.execute(f"PRAGMA busy_timeout={_BUSY}")


def connect(url: str, pool_size: int = 10, patience: int | None = None) -> Database:
    """Open the database at a SQLAlchemy URL. Nothing is sent until it is used.

    Parameters are kept out of error messages: they hold what people wrote. ``patience`` is how many seconds a server
    may take to answer a new connection; when it is not said, as long as the network allows.
    """
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={} if patience is None else {"connect_timeout": patience},
        )
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_ask_after_rest, engine.dialect))
    return Database(engine)


def is_infrastructure(error: BaseException) -> bool:
    """Whether an error is about the database, not about what it was asked."""
    return isinstance(error, _INFRASTRUCTURE) or (isinstance(error, exc.DBAPIError) and error.connection_invalidated)


def lock_key(name: str) -> int:
    """A signed 64-bit key for PostgreSQL's advisory locks."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _prepare_postgresql(connection: Any, record: Any) -> None:
    """A statement whose client is gone ends, and with it the locks it holds: those who try again would wait for it."""
    connection.execute("set client_connection_check_interval = '1s'")
    connection.commit()


def _note_use(connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _ask_after_rest(dialect: Dialect, connection: Any, record: Any, proxy: Any) -> None:
    """Whether the server still knows a connection that was not used for a while (SQLAlchemy's ``pool_pre_ping`` asks
    each time, which under load is a round trip for every transaction).
    """
    used = record.info.get("used")
    if used is not None and time.monotonic() - used > _REST:
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise exc.DisconnectionError("the server has ended this connection") from error


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    # What is deleted is overwritten in the file too: a reporter may ask to be forgotten.
    for pragma in (f"busy_timeout={_BUSY}", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """A new file's first change to WAL needs it alone, and SQLite does not wait for that by itself."""
    for left in reversed(range(100)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if not left:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
