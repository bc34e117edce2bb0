"""Tickets alone, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from estafet.relay import tables as relay_tables
from estafet.relay.database import connect
from estafet.relay.work import Works
from services.tickets import tables
from tests.integration.tickets.town import DIRECTORY, Clock, Town, message


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of tickets' own, empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tickets.sqlite'}"
    make: Callable[[str], str] = request.getfixturevalue("database_url")
    return make("tickets")


@pytest.fixture
def bare(url: str) -> Iterator[Town]:
    """A town that has not heard from routing yet."""
    database = connect(url)
    relay_tables.metadata.create_all(database.engine)
    tables.metadata.create_all(database.engine)
    clock = Clock()
    yield Town(Works("tickets", database, clock), clock)
    database.engine.dispose()


@pytest.fixture
def town(bare: Town) -> Town:
    bare.deliver(message("directory.published", DIRECTORY))
    return bare
