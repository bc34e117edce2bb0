"""The migrated database is the one the tables in the code describe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from estafet.relay import tables as relay_tables
from estafet.relay.migrate import is_current, upgrade
from services.notify import tables
from services.notify.webhooks import tables as webhooks
from tests.support.schema import differences


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrated_database_has_the_tables_of_the_code(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'notify.sqlite'}"
    else:
        make: Callable[[str], str] = request.getfixturevalue("database_url")
        url = make("notify")
    upgrade("notify", url)
    assert is_current("notify", url)
    assert differences(url, relay_tables.metadata, tables.metadata, webhooks.metadata) == []
