"""A service's own database, of either kind, with all its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.bed import Databases
from tests.support.migrated import MigratedDatabases, MigratedFiles


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Of database: a test that takes it runs on each."""
    name: str = request.param
    return name


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], str]:
    """Call it with a service and a kind for the URL of a database of this test alone, without any table."""
    numbers = count(1)

    def make(service: str, kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'{service}-{next(numbers)}.sqlite'}"
        url: str = request.getfixturevalue("database_url")(service)
        return url

    return make


@pytest.fixture(scope="session")
def migrated_files(tmp_path_factory: pytest.TempPathFactory) -> MigratedFiles:
    return MigratedFiles(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(scope="session")
def migrated_databases(postgres: Databases) -> Iterator[MigratedDatabases]:
    made = MigratedDatabases(postgres)
    yield made
    made.close()


@pytest.fixture
def migrated_url(
    request: pytest.FixtureRequest, migrated_files: MigratedFiles, tmp_path: Path
) -> Iterator[Callable[[str, str], str]]:
    """Likewise, with all tables and no rows. Once for each service and kind."""
    with ExitStack() as stack:

        def make(service: str, kind: str) -> str:
            if kind == "sqlite":
                return migrated_files.copy(service, tmp_path)
            databases: MigratedDatabases = request.getfixturevalue("migrated_databases")
            return stack.enter_context(databases.copy(service))

        yield make
