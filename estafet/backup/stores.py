"""The stores of a system: which kind each database is, its address says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from estafet.backup.postgresql import PostgresqlStore
from estafet.backup.sqlite import SqliteStore
from estafet.backup.store import Store


@contextmanager
def opened(urls: Mapping[str, str]) -> Iterator[Sequence[Store]]:
    """One for each service's database URL."""
    stores: list[Store] = []
    try:
        for service, url in urls.items():
            stores.append(SqliteStore(service, url) if url.startswith("sqlite") else PostgresqlStore(service, url))
        yield stores
    finally:
        for store in stores:
            store.close()
