"""notify alone: its handlers and its sender on real databases, without a broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from estafet.events import Event
from estafet.relay.database import Database, connect
from estafet.relay.errors import NotYet
from estafet.relay.migrate import upgrade
from estafet.relay.work import Works
from services.notify import handlers
from tests.unit.notify import samples

CODE = "TRT-7F3K-92Q"


class Hands:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = samples.NOW

    def now(self) -> datetime:
        return self.time

    def forward(self, by: timedelta) -> None:
        self.time += by


@pytest.fixture
def clock() -> Hands:
    return Hands()


def prepared(url: str) -> Database:
    """The database there, with all its tables."""
    upgrade("notify", url)
    return connect(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def works(request: pytest.FixtureRequest, tmp_path: Path, clock: Hands) -> Iterator[Works]:
    """notify's database, with its tables, on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'notify.sqlite'}"
    else:
        make: Callable[[str], str] = request.getfixturevalue("database_url")
        url = make("notify")
    database = prepared(url)
    yield Works("notify", database, clock)
    database.engine.dispose()


def event(
    name: str, id: str, version: int | None = None, code: str = CODE, time: datetime | None = None, **given: Any
) -> Event:
    """An event as it arrives, its data as the relay hands it over."""
    about_ticket = name != "directory.published"
    return Event(
        name=name,
        source="/estafet/tickets",
        data=samples.data(name, **given) if about_ticket else samples.directory_data(**given),
        id=id,
        time=time or samples.NOW,
        correlationid="first",
        subject=code if about_ticket else None,
        subjectversion=version,
    )


def arrive(works: Works, *events: Event) -> list[Event]:
    """Handle events in this order, in one batch; answers those whose time had not come."""
    not_yet = []
    for each in events:
        try:
            _handle(works, [each])
        except NotYet:
            not_yet.append(each)
    return not_yet


def arrive_all(works: Works, events: Sequence[Event]) -> None:
    """Handle events, again and again as the relay does, until each has been."""
    waiting = list(events)
    while waiting:
        left = arrive(works, *waiting)
        assert len(left) < len(waiting), [each.name for each in left]
        waiting = left


def arrive_together(works: Works, events: Sequence[Event]) -> None:
    """Handle many events, a transaction for a few hundred of them: as under load."""
    for start in range(0, len(events), 200):
        _handle(works, events[start : start + 200])


def _handle(works: Works, batch: Sequence[Event]) -> None:
    tell = [each for each in batch if each.name not in _REMEMBERED]
    with works.begin() as work:
        handlers.learn(tell, work)
        for each in batch:
            work.cause = each
            if each.name in _REMEMBERED:
                handlers.remember(each, work, lambda connection, ticket: None)
            else:
                handlers.tell(each, work)


_REMEMBERED = ("directory.published", "reporter.given", "reporter.erased", "referral.packaged")
