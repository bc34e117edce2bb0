"""Routing alone, on both databases."""

from collections.abc import Callable, Iterator

import pytest

from estafet.relay.database import Database, connect
from services.routing.city import loading
from tests.cities import KEDIRI, city
from tests.integration.routing.post import Post


@pytest.fixture
def url(migrated_url: Callable[[str, str], str], kind: str) -> str:
    return migrated_url("routing", kind)


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
