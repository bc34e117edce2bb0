"""What waits for the end of a unit of work: written once, in an order that databases accept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, Connection, ForeignKey, Integer, MetaData, String, Table, event, insert, select

from estafet.relay.database import connect
from estafet.relay.upserting import upserting
from estafet.relay.work import Work

metadata = MetaData()
parents = Table("parents", metadata, Column("id", Integer, primary_key=True), Column("name", String(16)))
children = Table(
    "children",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parent", ForeignKey(parents.c.id), nullable=False),
)
_PARENT, _CHILD = insert(parents), insert(children)


@pytest.fixture
def connection() -> Iterator[Connection]:
    database = connect("sqlite://")
    with database.engine.begin() as connection:
        metadata.create_all(connection)
        yield connection
    database.engine.dispose()


@pytest.fixture
def work(connection: Connection) -> Work:
    return Work("tickets", connection, datetime(2026, 11, 24, tzinfo=UTC))


def test_one_statement_a_table_and_what_is_referred_to_comes_first(connection: Connection, work: Work) -> None:
    seen: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *arguments: seen.append(arguments[2].split()[2]))
    for id in (2, 1):
        work.later(_CHILD, id, {"id": id, "parent": id})
        work.later(_PARENT, id, {"id": id, "name": "p"})
    assert not seen
    work.flush()
    assert seen == ["parents", "children"]


def test_the_last_row_under_a_key_stands(connection: Connection, work: Work) -> None:
    for name in ("first", "second"):
        work.later(_PARENT, 1, {"id": 1, "name": name})
    assert work.waiting(_PARENT, 1) == {"id": 1, "name": "second"}
    work.flush()
    assert work.waiting(_PARENT, 1) is None
    assert connection.execute(select(parents.c.name)).scalars().all() == ["second"]


def test_an_upsert_keeps_a_row_whether_it_is_new_or_not(connection: Connection, work: Work) -> None:
    keep = upserting(connection, parents)
    assert keep is upserting(connection, parents)
    for rows in ({1: "old"}, {1: "new", 2: "other"}):
        for id, name in rows.items():
            work.later(keep, id, {"id": id, "name": name})
        work.flush()
    assert connection.execute(select(parents.c.name).order_by(parents.c.id)).scalars().all() == ["new", "other"]


def test_the_last_act_runs_once_and_may_add_rows(connection: Connection, work: Work) -> None:
    work.at_end(lambda: work.later(_PARENT, 1, {"id": 1, "name": "late"}))
    work.flush()
    work.flush()
    assert connection.execute(select(parents.c.name)).scalars().all() == ["late"]


def test_what_is_asked_once_is_made_once_until_it_is_forgotten(work: Work) -> None:
    made = iter(["one", "two"])
    assert [work.once("it", lambda: next(made)) for _ in range(2)] == ["one", "one"]
    work.forget("it")
    assert work.once("it", lambda: next(made)) == "two"
