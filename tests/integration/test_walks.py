"""A report's walk through the three services, counted: how many statements each message takes that comes alone.

`docs/walks.md` tells these numbers. On PostgreSQL: SQLite is written to table by table, since no round trip is saved.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from estafet.events import contract
from estafet.relay.database import connect
from estafet.relay.hold import Hold
from estafet.relay.receiver import Receiver
from estafet.relay.subscription import Subscription
from estafet.relay.tables import outbox
from estafet.relay.work import Delivery, Works
from services.notify.channels.folder import Folder
from services.notify.sending.sender import Sender
from services.notify.service import Notify
from services.routing.city import loading
from services.routing.service import Routing
from services.tickets import custody
from services.tickets.access import tokens
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import look_with, take_as
from services.tickets.acting import perform
from services.tickets.api.schemas import ReportInput
from services.tickets.service import Tickets
from services.tickets.submitting import Submission, submit
from tests.cities import WATU, city
from tests.simulation.replica import _declared

KEY = b"a key for tests"
REPORT = ReportInput().load(
    {"category": "paths", "text": "Lubang besar.", "reporter": {"email": "budi@contoh.example"}}
)


class Still:
    """Time stands still: what is looked at again after some seconds is not, here."""

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class House:
    """The services on databases of their own; what one publishes the others are handed, one message at a time."""

    def __init__(self, make: Callable[[str, str], str], folder: Path) -> None:
        self.works: dict[str, Works] = {}
        self.asked: list[str] = []
        self._receivers: dict[str, Receiver] = {}
        self._handed: set[tuple[str, str]] = set()
        for kind in (Tickets, Routing, Notify):
            works = self.works[kind.name] = Works(kind.name, connect(make(kind.name, "postgresql")), Still())
            service: Any = object.__new__(kind)
            service.relay, service.key = works, KEY
            subscriptions = [
                Subscription(full, getattr(service, name), declared._prepare, declared._validate)
                for full, name, declared in _declared(kind)
            ]
            self._receivers[kind.name] = Receiver(works, subscriptions, Hold(kind.name, works.database, _never))
            event.listen(works.database.engine, "before_cursor_execute", self._note)
        mail = Folder(folder, "estafet@contoh.example")
        service.sender = self.sender = Sender(self.works["notify"], mail, "http://estafet.invalid", key=KEY)

    def _note(self, connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        self.asked.append(statement)

    def count(self, act: Callable[[], object]) -> int:
        self.asked.clear()
        act()
        return len(self.asked)

    def hand_on(self) -> Counter[str]:
        """Everything that waits, until nothing does; answers how many statements each took."""
        found: Counter[str] = Counter()
        while waiting := list(self._waiting()):
            for listener, row, publisher in waiting:
                self._handed.add((listener, row.id))
                delivery = Delivery(listener, bytes(row.body), publisher=publisher, name=row.name)
                receiver = self._receivers[listener.partition(".")[0]]
                found[f"{row.name} to {listener}"] = self.count(lambda: receiver.handle([delivery]))  # noqa: B023
        return found

    def _waiting(self) -> Iterator[tuple[str, Any, str]]:
        for publisher, works in self.works.items():
            with works.database.read() as connection:
                rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
            for row in rows:
                for listener in contract(row.name).listeners:
                    if (listener, row.id) not in self._handed:
                        yield listener, row, publisher


_never = threading.Event()


@pytest.fixture
def house(migrated_url: Callable[[str, str], str], tmp_path: Path) -> Iterator[House]:
    house = House(migrated_url, tmp_path / "mail")
    loading.load(house.works["routing"], city(WATU))
    house.hand_on()
    yield house
    for works in house.works.values():
        works.database.engine.dispose()


def walk(house: House, once: str) -> dict[str, int]:
    """A report that is offered to an office, which refuses it; nobody is named, so a coordinator is convened."""
    tickets = house.works["tickets"]
    counts: dict[str, int] = {}
    opened: list[Any] = []
    submission = Submission(REPORT, "page", once)
    counts["form"] = house.count(lambda: opened.append(tickets.share(lambda work: submit(work, KEY, submission))))
    counts |= house.hand_on()
    counts["letters"] = house.count(house.sender.run)
    counts |= house.hand_on()
    with tickets.database.read() as connection:
        case = look_with(None, connection, opened[0].code).case
    with tickets.begin() as work:
        text, _ = tokens.issue(work.connection, "officer", case.offered_to, "test", work.now)
        token = tokens.find(work.connection, text, work.now)

    def refuse() -> None:
        with tickets.begin() as work:
            perform(
                work,
                take_as(token, work, case.code),
                Action.REFUSE,
                lambda sight, act: custody.refuse(sight.case, act, sight.directory, reason="not-our-task"),
                case.version,
            )

    counts["refuse"] = house.count(refuse)
    return counts | house.hand_on()


def test_each_message_of_a_walk_takes_as_many_statements_as_the_page_says(house: House) -> None:
    walk(house, "the first prepares what is kept in memory")
    assert walk(house, "the second is counted") == {
        "form": 4,
        "ticket.opened to routing.route": 5,
        "ticket.opened to notify.tell": 4,
        "reporter.given to notify.remember": 2,
        "handoff.routed to tickets.decide": 5,
        "handoff.offered to routing.watch": 6,
        "handoff.offered to notify.tell": 4,
        "letters": 11 + 4 + 3,
        "notification.sent to tickets.record": 5,
        "refuse": 5,
        "handoff.refused to routing.route": 7,
        "handoff.refused to notify.tell": 4,
        "handoff.blocked to tickets.decide": 6,
        "ticket.convened to routing.watch": 6,
        "ticket.convened to notify.tell": 4,
    }
