"""Acts that share a transaction: each gets its own answer or its own error, and none is done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, event, exc, insert, select

from estafet.relay.database import Database, connect
from estafet.relay.work import Work, Works
from tests.bed.process import wait_until

metadata = MetaData()
done = Table("done", metadata, Column("id", Integer, primary_key=True), Column("what", String(16)))
_DONE = insert(done)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = connect(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(database.engine)
    yield database
    database.engine.dispose()


@pytest.fixture
def works(database: Database) -> Works:
    return Works("tickets", database)


class Crowd:
    """Asks for acts while a first one, which holds the transaction, is under way: all the others wait for it."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._pool = ThreadPoolExecutor(20)
        self._begun, self._go_on = threading.Event(), threading.Event()
        self._first = self._pool.submit(works.share, self._hold)
        assert self._begun.wait(10)
        self._asked: list[Future[str]] = []

    def ask(self, act: Callable[[Work], str]) -> Future[str]:
        asked = self._pool.submit(self._works.share, act)
        self._asked.append(asked)
        waiting = self._works._sharing._waiting
        wait_until(lambda: len(waiting) == len(self._asked), what="the act to wait")
        return asked

    def go_on(self) -> None:
        self._go_on.set()
        self._first.result(10)
        self._pool.shutdown()

    def _hold(self, work: Work) -> str:
        self._begun.set()
        assert self._go_on.wait(10)
        return "held"


def keeping(id: int, what: str = "kept") -> Callable[[Work], str]:
    def act(work: Work) -> str:
        work.later(_DONE, id, {"id": id, "what": what})
        return f"{what} {id}"

    return act


def failing(work: Work) -> str:
    work.later(_DONE, 99, {"id": 99, "what": "never"})
    raise LookupError("its own mistake")


def kept(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(select(done.c.id).order_by(done.c.id)).scalars())


def test_who_waits_shares_the_next_transaction(works: Works, database: Database) -> None:
    crowd = Crowd(works)
    asked = [crowd.ask(keeping(id)) for id in range(8)]
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)
    crowd.go_on()
    assert [each.result() for each in asked] == [f"kept {id}" for id in range(8)]
    assert kept(database) == list(range(8))
    assert len(commits) == 2, "the first one's, and that of all who waited"


def test_who_fails_fails_alone(works: Works, database: Database) -> None:
    crowd = Crowd(works)
    before, wrong, after = crowd.ask(keeping(1)), crowd.ask(failing), crowd.ask(keeping(2))
    crowd.go_on()
    assert (before.result(), after.result()) == ("kept 1", "kept 2")
    with pytest.raises(LookupError, match="its own mistake"):
        wrong.result()
    assert kept(database) == [1, 2]


def test_what_the_database_refuses_at_the_end_is_refused_to_one(works: Works, database: Database) -> None:
    with database.begin() as connection:
        connection.execute(_DONE, {"id": 5, "what": "there"})
    crowd = Crowd(works)
    fine, taken = crowd.ask(keeping(4)), crowd.ask(keeping(5))
    crowd.go_on()
    assert fine.result() == "kept 4"
    with pytest.raises(exc.IntegrityError):
        taken.result()
    assert kept(database) == [4, 5]


def test_nothing_is_done_again_when_nobody_knows_whether_it_was_committed(works: Works, database: Database) -> None:
    crowd = Crowd(works)
    tried: list[int] = []

    def lost(work: Work) -> str:
        tried.append(1)
        raise exc.OperationalError("commit", {}, Exception("the connection is gone"))

    asked = [crowd.ask(keeping(1)), crowd.ask(lost)]
    crowd.go_on()
    for each in asked:
        with pytest.raises(exc.OperationalError):
            each.result()
    assert tried == [1]
    assert kept(database) == []


def test_nobody_waits_for_ever_when_whoever_did_it_for_all_is_ended(works: Works, database: Database) -> None:
    """As a green thread is, that is killed: even while each is done alone."""
    tried: list[int] = []

    def ended(work: Work) -> str:
        tried.append(1)
        raise LookupError if len(tried) == 1 else GeneratorExit

    crowd = Crowd(works)
    before, wrong, after = crowd.ask(keeping(1)), crowd.ask(ended), crowd.ask(keeping(2))
    crowd.go_on()
    assert len(tried) == 2
    # Whoever had the turn is the one that was ended; the others have an answer or are told.
    outcomes = [each.exception(10) for each in (before, wrong, after)]
    assert sum(isinstance(each, GeneratorExit) for each in outcomes) == 1
    assert sum(isinstance(each, RuntimeError) for each in outcomes) >= 1
    assert kept(database) == [1]


def test_one_alone_waits_for_nobody(works: Works, database: Database) -> None:
    assert works.share(keeping(3)) == "kept 3"
    assert kept(database) == [3]
