"""Many rows in one statement, and one statement for any number of values: the same on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
    insert,
    select,
)

from estafet.relay import outbox
from estafet.relay import tables as relay_tables
from estafet.relay.among import among
from estafet.relay.database import Database, connect
from estafet.relay.tables import Moment
from estafet.relay.upserting import inserting, upserting
from estafet.relay.writing import insert_all

metadata = MetaData()
things = Table(
    "things",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200)),
    Column("body", LargeBinary),
    Column("at", Moment),
    Column("kept", Boolean),
    Column("parts", JSON),
)
_INSERT = insert(things)
JAKARTA = timezone(timedelta(hours=7))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
rows = st.fixed_dictionaries(
    {
        "name": st.none() | texts,
        "body": st.none() | st.binary(max_size=40),
        "at": st.none()
        | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, JAKARTA])),  # noqa: DTZ001
        "kept": st.none() | st.booleans(),
        "parts": st.lists(texts | st.integers(-(2**53), 2**53) | st.booleans(), max_size=3)
        | st.dictionaries(texts, texts),
    }
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    url = "sqlite://"
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("database_url")
        url = make()
    database = connect(url)
    metadata.create_all(database.engine)
    yield database
    database.engine.dispose()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.begin() as connection:
        yield connection


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=5))
def test_rows_are_read_as_they_were_given(connection: Connection, given: list[dict[str, object]]) -> None:
    connection.execute(things.delete())
    whole = [{"id": number, **row} for number, row in enumerate(given)]
    insert_all(connection, _INSERT, whole)
    found = connection.execute(select(things).order_by(things.c.id)).mappings()
    assert [dict(row) for row in found] == whole


def test_rows_that_are_there_are_changed_or_left_as_the_statement_says(connection: Connection) -> None:
    insert_all(connection, _INSERT, [_thing(1, "one"), _thing(2, "two")])
    keep = inserting(connection.dialect.name, things).on_conflict_do_nothing().returning(things.c.id)
    assert list(insert_all(connection, keep, [_thing(2, "again"), _thing(3, "three")]).scalars()) == [3]
    insert_all(connection, upserting(connection, things), [_thing(1, "first"), _thing(4, "four")])
    assert _names(connection) == {1: "first", 2: "two", 3: "three", 4: "four"}


def test_a_column_that_is_not_given_is_null(connection: Connection) -> None:
    insert_all(connection, _INSERT, [{"id": 1, "name": "one"}])
    assert connection.execute(select(things.c.at, things.c.body)).one() == (None, None)


def test_a_time_without_its_offset_is_refused(database: Database) -> None:
    with database.begin() as connection, pytest.raises(Exception, match="without its offset"):
        insert_all(connection, _INSERT, [{"id": 1, "at": datetime(2026, 11, 24)}])  # noqa: DTZ001, it is refused


def test_what_is_looked_for_by_many_keys_is_found_by_the_index(tmp_path: Path) -> None:
    """On SQLite: PostgreSQL decides by how large a table is."""
    engine = connect(f"sqlite:///{tmp_path / 'keys.sqlite'}").engine
    relay_tables.metadata.create_all(engine)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    with engine.begin() as connection:
        outbox.mark_published(connection, ["a", "b"], datetime.now(UTC), settled=True)
        statement, parameters = asked.pop()
        plan = connection.exec_driver_sql(f"explain query plan {statement}", parameters).all()
    assert plan[0].detail.startswith("SEARCH outbox"), plan


@pytest.mark.parametrize("many", [0, 1, 3, 500])
def test_one_statement_finds_any_number(connection: Connection, many: int) -> None:
    insert_all(connection, _INSERT, [_thing(number, f"it's {number}") for number in range(5)])
    wanted = select(things.c.id).where(among(things.c.name, "names")).order_by(things.c.id)
    found = connection.execute(wanted, {"names": {f"it's {number}" for number in range(many)}}).scalars()
    assert list(found) == list(range(min(many, 5)))


def _thing(id: int, name: str) -> dict[str, object]:
    return {
        "id": id,
        "name": name,
        "body": name.encode(),
        "at": datetime(2026, 11, 24, tzinfo=UTC),
        "kept": True,
        "parts": [],
    }


def _names(connection: Connection) -> dict[int, str]:
    return {row.id: row.name for row in connection.execute(select(things.c.id, things.c.name))}
