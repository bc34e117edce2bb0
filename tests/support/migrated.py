"""Databases of a service with all its tables, copied: to migrate each anew would take most of a test's time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from estafet.relay import migrate
from tests.bed import Databases


class MigratedFiles:
    """One SQLite file of each service in ``folder``, migrated when first asked for, and its copies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, service: str, folder: Path) -> str:
        """The URL of a copy in another folder."""
        original, copied = (each / f"{service}.sqlite" for each in (self._folder, folder))
        if not original.exists():
            migrate.upgrade(service, f"sqlite:///{original}")
        shutil.copy(original, copied)
        return f"sqlite:///{copied}"


class MigratedDatabases:
    """The same on a PostgreSQL server."""

    def __init__(self, server: Databases) -> None:
        self._server = server
        #: service → database
        self._originals: dict[str, str] = {}

    @contextmanager
    def copy(self, service: str) -> Iterator[str]:
        """The URL of a copy; it is dropped in the end."""
        if service not in self._originals:
            original = self._server.fresh_name(f"migrated_{service}")
            migrate.upgrade(service, self._server.create_database(original))
            self._originals[service] = original
        name = self._server.fresh_name(service)
        yield self._server.create_database(name, template=self._originals[service])
        self._server.drop_database(name)

    def close(self) -> None:
        """Leave nothing behind."""
        for original in self._originals.values():
            self._server.drop_database(original)
