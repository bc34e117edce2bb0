"""The migrations make what the code expects."""

import pytest

from estafet.relay import migrate
from estafet.relay import tables as relay_tables
from services.tickets import tables
from tests.support.schema import differences


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrations_and_tables_agree(url):
    assert not migrate.is_current("tickets", url)
    migrate.upgrade("tickets", url)
    migrate.upgrade("tickets", url)
    assert migrate.is_current("tickets", url)
    assert differences(url, relay_tables.metadata, tables.metadata) == []
