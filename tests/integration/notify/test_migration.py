"""The migrated database is the one the tables in the code describe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from alembic import command
from sqlalchemy import text

from estafet.relay import migrate
from estafet.relay import tables as relay_tables
from estafet.relay.database import connect
from estafet.relay.migrate import is_current, upgrade
from services.notify import deliveries, states, tables
from services.notify.webhooks import tables as webhooks
from tests.support.schema import differences

#: Columns that came after it.
LATER = ("provider", "passed", "version", "digest")


def test_the_migrated_database_has_the_tables_of_the_code(empty_url: Callable[[str, str], str], kind: str) -> None:
    url = empty_url("notify", kind)
    upgrade("notify", url)
    assert is_current("notify", url)
    assert differences(url, relay_tables.metadata, tables.metadata, webhooks.metadata) == []


def test_deliveries_of_the_release_before_stay_and_its_replicas_go_on(
    empty_url: Callable[[str, str], str], kind: str
) -> None:
    """It names the columns it knows, claims what is ``created`` and ends it as ``sent`` or ``failed``."""
    url = empty_url("notify", kind)
    database = connect(url)
    configuration = migrate._configuration("notify")
    with database.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0003")
    known = [column.name for column in tables.deliveries.c if column.name not in LATER]
    insert = text(f"insert into deliveries ({', '.join(known)}) values ({', '.join(f':{each}' for each in known)})")
    end = text("update deliveries set state = :state where id = :id and state = 'created'")
    with database.begin() as connection:
        connection.execute(insert, row("before", "failed"))
        connection.execute(insert, row("waiting", "created"))
    upgrade("notify", url)
    with database.begin() as connection:
        connection.execute(insert, row("beside", "created"))
        assert connection.execute(end, {"id": "beside", "state": "failed"}).rowcount == 1
    moment = datetime(2026, 11, 30, 10, tzinfo=UTC)
    with database.begin() as connection:
        claim, claimed = deliveries.claim(connection, moment, 10)
        assert [each.id for each in claimed] == ["waiting"]
        assert deliveries.end(connection, claim, ["waiting"], "permanent-failure", "sms", moment) == {"waiting"}
        found = dict(connection.execute(text("select id, state from deliveries")).all())  # type: ignore[arg-type]
    assert found == {"before": "failed", "beside": "failed", "waiting": "permanent-failure"}
    assert set(found.values()) <= states.ENDED
    if kind == "sqlite":
        with database.read() as connection:
            indices = connection.scalars(text("select sql from sqlite_master where name = 'deliveries_due'")).one()
        assert "WHERE state = 'created'" in indices
    database.engine.dispose()


def row(id: str, state: str) -> dict[str, Any]:
    moment = "2026-11-30 09:00:00.000000"
    columns = {column.name: "x" for column in tables.deliveries.c if not column.nullable}
    nothing = {column.name: None for column in tables.deliveries.c if column.nullable}
    times = {"created_at": moment, "next_attempt": moment if state == "created" else None}
    given = {"id": id, "event_id": id, "state": state, "confidential": False, "attempts": 0, "facts": "{}"}
    return {**nothing, **columns, **times, **given, "audience": "office"}
