"""One active publisher per service: whoever holds the service's advisory lock.

With one publisher, events leave in the order of their ids without anybody waiting for it.
"""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from estafet.relay.database import Database, lock_key


class Leadership:
    """Held on a database connection of its own, and gone with it. On SQLite there is one process, which leads."""

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._key = lock_key(f"estafet publisher of {service}")
        self._connection: Connection | None = None

    def held(self) -> bool:
        """Whether we lead now; tries to, if not. A lost database connection is a lost lead.

        Raises:
            sqlalchemy.exc.DBAPIError: the database is away.
        """
        if not self._database.is_postgresql:
            return True
        try:
            return self._still_held() if self._connection else self._try()
        except DBAPIError:
            self.resign()
            raise

    def resign(self) -> None:
        """Let another replica publish."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # closes the session, and with it the lock
            connection.close()

    def _still_held(self) -> bool:
        assert self._connection is not None
        self._connection.execute(text("select 1"))
        return True

    def _try(self) -> bool:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            statement = text("select pg_try_advisory_lock(:key)")
            if connection.execute(statement, {"key": self._key}).scalar_one():
                self._connection = connection
                return True
        finally:
            if self._connection is not connection:
                connection.close()
        return False
