"""The migrations make what the code expects."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, func, or_, select

from estafet.relay import migrate
from estafet.relay import tables as relay_tables
from estafet.relay.database import connect
from services.tickets import tables, worklist
from services.tickets.directory import Directory
from services.tickets.rating import tables as rating_tables
from services.tickets.signin import tables as signin_tables
from tests.integration.tickets.board.crowd import Crowd
from tests.integration.tickets.town import DIRECTORY
from tests.support.schema import differences


def test_migrations_and_tables_agree(empty_url: Callable[[str, str], str], kind: str) -> None:
    url = empty_url("tickets", kind)
    assert not migrate.is_current("tickets", url)
    migrate.upgrade("tickets", url)
    migrate.upgrade("tickets", url)
    assert migrate.is_current("tickets", url)
    assert rating_tables.metadata is tables.metadata
    assert differences(url, relay_tables.metadata, tables.metadata, signin_tables.metadata) == []


@pytest.mark.parametrize("q", ["", "lubang", "ab", "CTH-00"])
def test_a_desk_looks_through_what_its_office_has_open(database_url: Callable[[str], str], q: str) -> None:
    """Not through what it ever closed, nor through every text, whatever plan PostgreSQL keeps for the statement."""
    url = database_url("tickets")
    migrate.upgrade("tickets", url)
    now, office = datetime.now(UTC), "taman"
    with connect(url).begin() as connection:
        Crowd(Directory.of(DIRECTORY), now, days=1460).fill(connection, 4000)
    with connect(url).engine.connect() as connection:
        connection.exec_driver_sql("analyze")
        theirs = or_(*(tables.tickets.c[each] == office for each in ("holder", "guardian", "offered_to")))
        is_open = tables.tickets.c.status != "closed"
        open_, all_ = (
            connection.execute(select(func.count()).select_from(tables.tickets).where(theirs, *more)).scalar_one()
            for more in ([is_open], [])
        )
        assert all_ > 20 * open_ > 0
        connection.exec_driver_sql("set plan_cache_mode = force_generic_plan")
        for which in worklist.LISTS:
            before = _rows_read(connection)
            worklist.page(connection, which, office, now, 50, q=q)
            assert _rows_read(connection) - before <= 4 * open_, which
        before = _rows_read(connection)
        worklist.counts(connection, office, now, q)
        assert _rows_read(connection) - before <= 4 * open_ * len(worklist.LISTS)


def _rows_read(connection: Connection) -> int:
    """Of reports and texts, by this transaction."""
    read = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_xact_user_tables"
    found: int = connection.exec_driver_sql(f"{read} where relname in ('tickets', 'texts')").scalar_one()
    return found
