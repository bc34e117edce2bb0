"""notify alone: its handlers and its sender on real databases, without a broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from estafet.events import Event
from estafet.relay.database import Database, connect
from estafet.relay.errors import NotYet
from estafet.relay.migrate import upgrade
from estafet.relay.work import Works
from services.notify import handlers
from services.notify.channels.folder import Folder
from services.notify.channels.mail_server import Server, server_of
from services.notify.channels.smtp import Smtp
from services.notify.sending.sender import Sender
from tests.bed.process import free_port
from tests.integration.notify.gateways import Play, Provider
from tests.integration.notify.mailing import SENDER, Mailbox, Start, mail
from tests.unit.notify import samples

CODE = "TRT-7F3K-92Q"
URL = "https://lapor.tirtajaya.example"


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


@pytest.fixture
def works(migrated_url: Callable[[str, str], str], kind: str, clock: Hands) -> Iterator[Works]:
    """notify's database, with its tables, on each kind of database."""
    database = connect(migrated_url("notify", kind))
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


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a mailbox; answers the channel to it."""
    with ExitStack() as stack:

        def run(mailbox: Mailbox, user: str | None = None, **options: Any) -> Smtp:
            controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
            controller.start()
            stack.callback(controller.stop)
            password = "p@ss/word" if user else None
            return Smtp(Server("127.0.0.1", controller.port, False, user, password), SENDER, timeout=5)

        yield run


@pytest.fixture
def play() -> Iterator[Play]:
    """Start a provider of text messages."""
    with ExitStack() as stack:
        yield lambda *answer: stack.enter_context(Provider(*answer))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
def into_folder(works: Works, folder: Path) -> Sender:
    return Sender(works, Folder(folder, "estafet@tirtajaya.example"), URL)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def by_mail(works: Works, mailbox: Mailbox) -> Iterator[Sender]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield Sender(works, mail(Smtp(server_of(f"smtp://127.0.0.1:{controller.port}"), SENDER)), URL)
    controller.stop()
