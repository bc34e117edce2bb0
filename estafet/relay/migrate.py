"""Migrations: each service's database, brought to the form its code expects. Replicas may all do so at once."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from estafet.relay.database import connect, lock_key

#: PostgreSQL's code for a lock that was not to be had in time.
_LOCKED = "55P03"
#: What a change of a table waits for whoever reads it; meanwhile everybody else waits behind it. Then it steps back,
#: lets them go, and tries again.
_WAIT, _PAUSE, _TRIES = "2s", 3.0, 120


class InUse(Exception):
    """A table is read all the time, by a backup say: it cannot be changed now. Nothing was."""


def upgrade(service: str, url: str) -> None:
    """Apply what is missing, in one transaction: all of it or nothing.

    Whoever comes second waits for the first, and finds nothing left to do. An earlier release finds nothing to do on a
    database that a later one has migrated. An example of a service's ``env.py``::

        from estafet.relay.migrations_env import run

        run()

    Raises:
        LookupError: the service has no migrations.
        InUse: somebody did not let go of a table for ten minutes.
    """
    for left in reversed(range(_TRIES)):
        try:
            return _upgrade(service, url)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCKED:
                raise
            if not left:
                raise InUse(
                    f"the database of {service} is read all the time, by a backup say; try again later"
                ) from error
        time.sleep(_PAUSE)


def _upgrade(service: str, url: str) -> None:
    configuration = _configuration(service)
    database = connect(url, pool_size=1)
    try:
        with database.begin() as connection:
            if database.is_postgresql:
                key = lock_key(f"estafet migrations of {service}")
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})
                connection.execute(text(f"set local lock_timeout = '{_WAIT}'"))
            configuration.attributes["connection"] = connection
            if not _is_ahead(configuration, connection):
                command.upgrade(configuration, "head")
    finally:
        database.engine.dispose()


def is_current(service: str, url: str) -> bool:
    """Whether the database has every migration of the service.

    It may have more: those of a later release, which leave this one working (they expand; what nobody uses any more is
    removed a release later), so that replicas of both run side by side while one replaces the other.
    """
    configuration = _configuration(service)
    database = connect(url, pool_size=1)
    try:
        with database.read() as connection:
            return _revision(connection) == _head(configuration) or _is_ahead(configuration, connection)
    finally:
        database.engine.dispose()


def _is_ahead(configuration: Config, connection: Connection) -> bool:
    """Revisions are numbers, and a later release's are higher."""
    revision = _revision(connection)
    return revision is not None and int(revision) > int(_head(configuration))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head(configuration: Config) -> str:
    head = ScriptDirectory.from_config(configuration).get_current_head()
    if head is None:
        raise LookupError("there are no migrations")
    return head


def knows(service: str, revision: str) -> bool:
    """Whether this release has that migration of the service."""
    scripts = ScriptDirectory.from_config(_configuration(service))
    return revision in {script.revision for script in scripts.walk_revisions()}


def _configuration(service: str) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_folder(service)).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _folder(service: str) -> Path:
    """``services/<service>/migrations``, found by name: nothing here imports a service."""
    found = find_spec(f"services.{service}")
    for place in (found and found.submodule_search_locations) or ():
        if (Path(place) / "migrations" / "env.py").is_file():
            return Path(place) / "migrations"
    raise LookupError(f"services/{service}/migrations/env.py is not there")
