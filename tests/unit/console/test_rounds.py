"""Decisions on many: how far they are, what is said when they break off, and how many are remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from estafet.cli.messages.bulk import BATCH
from estafet.console.rounds import KEPT, Round, Rounds
from estafet.relay import triage
from estafet.relay.database import Database, connect
from estafet.relay.tables import deferred, metadata
from tests.bed.process import wait_until

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DEAD = BATCH + 5
GROUP = triage.Group("notify.tell", "ValueError", "here", "dead", DEAD)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = connect(f"sqlite:///{tmp_path / 'notify.sqlite'}")
    metadata.create_all(database.engine)
    row = {
        "subscription": "notify.tell",
        "name": "n",
        "body": b"",
        "error": "ValueError",
        "place": "here",
        "detail": "",
    }
    row |= {"state": "dead", "attempts": 1, "first_at": NOW, "last_at": NOW}
    with database.begin() as connection:
        connection.execute(deferred.insert(), [{**row, "id": f"{number:04}"} for number in range(DEAD)])
    return database


def ended(rounds: Rounds, database: Database, decide: Callable[..., int]) -> Round:
    begun = rounds.begin("discarded", "notify", GROUP, database, decide)
    wait_until(lambda: rounds.of(begun.number).ended, what="the round to end", every=0.01)
    return rounds.of(begun.number)


def test_all_are_decided_on(database: Database) -> None:
    found = ended(Rounds(), database, partial(triage.discard, who="Rini", why="a test"))
    assert (found.seen, found.changed, found.total, found.failure) == (DEAD, DEAD, DEAD, "")


def test_what_breaks_off_says_so_and_what_it_did_stays_done(database: Database) -> None:
    def once(connection: Any, ids: list[str], now: datetime) -> int:
        if "0000" not in ids:
            raise ValueError("a citizen's words")
        return triage.discard(connection, ids, who="Rini", why="a test", now=now)

    found = ended(Rounds(), database, once)
    assert (found.seen, found.changed) == (BATCH, BATCH)
    assert "ValueError" in found.failure
    assert "citizen" not in found.failure
    with database.read() as connection:
        assert [(each.state, each.count) for each in triage.groups(connection)] == [("dead", DEAD - BATCH)]


def test_those_long_over_are_forgotten(database: Database) -> None:
    rounds = Rounds()
    for _ in range(KEPT + 2):
        last = ended(rounds, database, lambda *_, **__: 0)
    assert rounds.of(last.number).ended
    with pytest.raises(LookupError):
        rounds.of(1)
