"""Routing alone, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from estafet.relay.database import Database, connect
from estafet.relay.migrate import upgrade
from services.routing.city import loading
from tests.cities import KEDIRI, city
from tests.integration.routing.post import Post


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of routing's own, migrated and empty."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'routing.sqlite'}"
    else:
        make: Callable[[str], str] = request.getfixturevalue("database_url")
        url = make("routing")
    upgrade("routing", url)
    return url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = connect(url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database)


@pytest.fixture
def kediri(post: Post) -> Post:
    """With Kediri loaded."""
    loading.load(post.works, city(KEDIRI))
    return post
