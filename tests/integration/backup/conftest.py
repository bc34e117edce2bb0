"""The three services' databases, migrated and empty, of either kind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from estafet.backup.store import Store
from estafet.backup.stores import opened
from estafet.relay import migrate
from estafet.relay.database import Database, connect
from estafet.settings import SERVICES

Urls = Mapping[str, str]


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Urls]:
    """Call it for three new, empty databases."""
    calls = iter(range(10))

    def make() -> Urls:
        number = next(calls)
        if request.param == "sqlite":
            return {service: f"sqlite:///{tmp_path / f'{service}{number}.sqlite'}" for service in SERVICES}
        url: Callable[[str], str] = request.getfixturevalue("database_url")
        return {service: url(service) for service in SERVICES}

    return make


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated SQLite files to copy: each test's own migrations would take most of its time."""
    folder = tmp_path_factory.mktemp("template")
    for service in SERVICES:
        migrate.upgrade(service, f"sqlite:///{folder / service}.sqlite")
    return folder


@pytest.fixture
def urls(fresh: Callable[[], Urls], template: Path) -> Urls:
    made = fresh()
    for service, url in made.items():
        if url.startswith("sqlite"):
            shutil.copy(template / f"{service}.sqlite", url.removeprefix("sqlite:///"))
        else:
            migrate.upgrade(service, url)
    return made


@pytest.fixture
def databases(urls: Urls) -> Iterator[Mapping[str, Database]]:
    made = {service: connect(url) for service, url in urls.items()}
    yield made
    for each in made.values():
        each.engine.dispose()


@pytest.fixture
def stores(urls: Urls) -> Iterator[Sequence[Store]]:
    with opened(urls) as made:
        yield made
