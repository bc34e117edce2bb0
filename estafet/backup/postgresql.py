"""A service's database on PostgreSQL: frozen by an exported snapshot, copied by ``pg_dump``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import quoted_name

from estafet.backup import programs
from estafet.backup.errors import Busy, Unfit
from estafet.backup.store import Frozen, tables
from estafet.relay.database import connect

#: How long we wait for those who handle messages to commit. Shorter than PostgreSQL waits before it looks for a
#: deadlock (1 s): when two wait in a circle, it is we who give way.
_WAIT = "500ms"

_OTHERS = text(
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    # What belongs to other roles is not told to everybody.
    " and coalesce(backend_type, 'client backend') = 'client backend'"
)
_OWNER = text("select pg_get_userbyid(datdba) from pg_database where datname = current_database()")


class PostgresqlStore:
    """One service's database. Who may connect to it and read it all may keep it; its owner may restore it."""

    form = "postgresql"

    def __init__(self, service: str, url: str) -> None:
        self.service = service
        self._url = make_url(url)
        self._engine = connect(url, pool_size=2).engine

    @contextmanager
    def still(self) -> Iterator[None]:
        """Whoever handles a message, or puts one away, inserts into one of these two; what comes over HTTP does not."""
        with self._engine.connect() as connection:
            connection.execute(text(f"set local lock_timeout = '{_WAIT}'"))
            try:
                connection.execute(text("lock table inbox, deferred in share mode"))
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) in ("55P03", "40P01"):
                    raise Busy from error
                raise
            yield

    @contextmanager
    def frozen(self) -> Iterator[Frozen]:
        engine = self._engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            connection.execute(text("set local idle_in_transaction_session_timeout = 0"))
            yield Frozen(connection, connection.execute(text("select pg_export_snapshot()")).scalar_one())

    def copy(self, frozen: Frozen, file: Path) -> None:
        program = programs.newest("pg_dump", self._server())
        with file.open("wb") as output:
            programs.run([program, "--format=custom", f"--snapshot={frozen.snapshot}"], self._url, output)

    def check_unused(self) -> None:
        self._engine.dispose()
        with self._engine.connect() as connection:
            others = connection.execute(_OTHERS).scalar_one()
        if others:
            raise Unfit(f"The database of {self.service} is in use ({others} sessions): stop the services first.")

    def is_empty(self) -> bool:
        with self._engine.connect() as connection:
            return not tables(connection)

    def restore(self, file: Path) -> None:
        program = programs.newest("pg_restore", self._server())
        with self._engine.begin() as connection:
            owner = connection.execute(_OWNER).scalar_one()
            quote = connection.dialect.identifier_preparer.quote
            for name in tables(connection):
                connection.execute(text(f"drop table {quote(quoted_name(name, None))} cascade"))
        # Whoever restores, all of it is the service's own again; extensions belong to the server, comments too.
        options = ["--no-owner", "--no-privileges", "--no-comments", f"--role={owner}"]
        programs.run([program, "--single-transaction", "--exit-on-error", *options, str(file)], self._url)

    def close(self) -> None:
        self._engine.dispose()

    def _server(self) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text("show server_version_num")).scalar_one()) // 10_000
