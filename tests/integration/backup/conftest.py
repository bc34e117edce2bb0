"""The three services' databases, migrated and empty, of either kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from estafet.backup.store import Store
from estafet.backup.stores import opened
from estafet.relay.database import Database, connect
from estafet.settings import SERVICES

Urls = Mapping[str, str]


@pytest.fixture
def fresh(empty_url: Callable[[str, str], str], kind: str) -> Callable[[], Urls]:
    """Call it for three new, empty databases."""
    return lambda: {service: empty_url(service, kind) for service in SERVICES}


@pytest.fixture
def urls(migrated_url: Callable[[str, str], str], kind: str) -> Urls:
    return {service: migrated_url(service, kind) for service in SERVICES}


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
