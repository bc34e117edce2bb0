"""The migrations make what the code expects."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from estafet.relay import migrate
from estafet.relay import tables as relay_tables
from estafet.relay.database import connect
from services.tickets import tables, worklist
from services.tickets.rating import tables as rating_tables
from services.tickets.signin import tables as signin_tables
from tests.support.schema import differences


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrations_and_tables_agree(url):
    assert not migrate.is_current("tickets", url)
    migrate.upgrade("tickets", url)
    migrate.upgrade("tickets", url)
    assert migrate.is_current("tickets", url)
    assert rating_tables.metadata is tables.metadata
    assert differences(url, relay_tables.metadata, tables.metadata, signin_tables.metadata) == []


@pytest.mark.parametrize(("q", "index"), [("saluran", "texts_words"), ("KDR-ABC", "tickets_begin")])
def test_what_offices_search_for_is_found_by_an_index(database_url: Callable[[str], str], q: str, index: str) -> None:
    url = database_url("tickets")
    migrate.upgrade("tickets", url)
    asked: list[tuple[str, Any]] = []
    with connect(url).engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        worklist.page(connection, "offered", "jalan", datetime.now(UTC), 50, q=q)
        statement, parameters = asked.pop()
        # The tables are empty: without these the planner would rather read them whole, or by the list's own index.
        connection.exec_driver_sql("set local enable_seqscan = off")
        connection.exec_driver_sql("drop index tickets_offered")
        plan = connection.exec_driver_sql(f"explain {statement}", parameters).scalars().all()
    assert any(index in line for line in plan), plan
