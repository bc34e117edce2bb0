"""Migrations of a service, as any service of ours writes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

import services
from estafet.relay import migrate, tables
from estafet.relay.database import connect
from tests.bed.process import wait_until
from tests.support.schema import differences

ENV = "from estafet.relay.migrations_env import run\n\nrun()\n"
FIRST = """
from alembic import op
from estafet.relay import tables

revision, down_revision = "0001", None

def upgrade():
    tables.metadata.create_all(op.get_bind())
"""
LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    op.create_table("added", sa.Column("id", sa.Integer))
"""
COLUMN = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    op.add_column("deferred", sa.Column("added", sa.Integer))
"""
BROKEN = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer))
    raise RuntimeError("a mistake")
"""


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service called ``example``, in its own folder."""
    folder = tmp_path / "services" / "example" / "migrations" / "versions"
    folder.mkdir(parents=True)
    (folder.parents[1] / "__init__.py").touch()
    (folder.parent / "env.py").write_text(ENV)
    (folder / "0001_relay.py").write_text(FIRST)
    monkeypatch.setattr(services, "__path__", [*services.__path__, str(tmp_path / "services")])
    return folder


@pytest.fixture
def url(empty_url: Callable[[str, str], str], kind: str) -> str:
    return empty_url("example", kind)


def test_an_empty_database_becomes_current_and_agrees_with_the_tables(versions: Path, url: str) -> None:
    assert not migrate.is_current("example", url)
    migrate.upgrade("example", url)
    assert migrate.is_current("example", url)
    assert differences(url, tables.metadata) == []
    migrate.upgrade("example", url)


def test_replicas_that_start_together_migrate_once(versions: Path, url: str) -> None:
    errors: list[Exception] = []

    def upgrade() -> None:
        try:
            migrate.upgrade("example", url)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert migrate.is_current("example", url)


def test_a_migration_that_fails_leaves_nothing_half_done(versions: Path, url: str) -> None:
    migrate.upgrade("example", url)
    (versions / "0002_broken.py").write_text(BROKEN)
    with pytest.raises(RuntimeError, match="a mistake"):
        migrate.upgrade("example", url)
    database = connect(url)
    assert "half" not in inspect(database.engine).get_table_names()
    database.engine.dispose()
    assert not migrate.is_current("example", url)


def test_an_earlier_release_works_on_what_a_later_one_has_migrated(versions: Path, url: str) -> None:
    later = versions / "0002_later.py"
    later.write_text(LATER)
    migrate.upgrade("example", url)
    later.unlink()
    assert migrate.is_current("example", url)
    migrate.upgrade("example", url)
    database = connect(url)
    assert "added" in inspect(database.engine).get_table_names()
    database.engine.dispose()


def test_while_a_table_is_read_a_migration_waits_and_nobody_behind_it(
    versions: Path, database_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database_url()
    migrate.upgrade("example", url)
    (versions / "0002_column.py").write_text(COLUMN)
    monkeypatch.setattr(migrate, "_PAUSE", 0.2)
    engine = connect(url).engine
    with engine.connect() as backup, engine.connect() as reader:
        backup.execute(text("lock table deferred in access share mode"))
        migration = threading.Thread(target=migrate.upgrade, args=("example", url))
        migration.start()
        waits = text("select count(*) from pg_locks where relation = 'deferred'::regclass and not granted")
        wait_until(lambda: reader.execute(waits).scalar_one(), what="the migration to wait for the backup")
        reader.execute(text("set local lock_timeout = '20s'"))
        reader.execute(text("select count(*) from deferred"))
        reader.rollback()
        assert migration.is_alive()
        backup.rollback()
        migration.join()
    assert migrate.is_current("example", url)
    engine.dispose()


def test_a_service_without_migrations_is_named(url: str) -> None:
    with pytest.raises(LookupError, match="services/nobody/migrations"):
        migrate.upgrade("nobody", url)
