"""What a sender sent, and what is recorded of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from sqlalchemy import select

from estafet.events import parse
from estafet.relay.tables import outbox
from estafet.relay.work import Works
from services.notify.channels.channel import SENT, Letter, Outcome, Post
from services.notify.channels.failover import FEW
from services.notify.tables import addresses
from services.notify.tables import deliveries as table
from tests.integration.notify.conftest import CODE, arrive, event

#: A reporter's, as people write it.
PHONE = "0812-3456-7890"


class Scripted:
    """A channel that answers as told and keeps what it was given."""

    name = "email"
    few = FEW

    def __init__(self, *outcomes: Outcome | BaseException, then: Outcome = SENT) -> None:
        self.letters: list[Letter] = []
        self._outcomes = list(outcomes)
        self._then = then

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        self.letters = [each for each in self.letters if each.id not in letters]

    @contextmanager
    def open(self) -> Iterator[Post]:
        yield self._post

    def _post(self, letter: Letter) -> Outcome:
        self.letters.append(letter)
        outcome = self._outcomes.pop(0) if self._outcomes else self._then
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


class Text(Scripted):
    """A channel of text messages that answers as told."""

    def __init__(self, name: str, *outcomes: Outcome, then: Outcome = SENT) -> None:
        super().__init__(*outcomes, then=then)
        self.name = name


def opened(works: Works, reports: int = 1, **reporter: Any) -> None:
    """Reports that have been opened and whose reporters are known."""
    arrive(works, event("directory.published", "e-0"))
    for number in range(reports):
        code = f"{CODE}{number}" if reports > 1 else CODE
        arrive(works, event("ticket.opened", f"o-{number}", 1, code=code))
        arrive(works, event("reporter.given", f"g-{number}", code=code, **reporter))


def mails(folder: Path) -> list[EmailMessage]:
    found = []
    for path in sorted(folder.glob("*.eml")):
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        assert isinstance(message, EmailMessage)
        found.append(message)
    return found


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def states(works: Works) -> Counter[str]:
    with works.database.read() as connection:
        return Counter(connection.scalars(select(table.c.state)))


def errors(works: Works) -> list[str]:
    with works.database.read() as connection:
        return list(connection.scalars(select(table.c.error)))


def published(works: Works) -> list[Any]:
    with works.database.read() as connection:
        return [parse(body) for body in connection.scalars(select(outbox.c.body).order_by(outbox.c.id))]


def rows(works: Works) -> list[Any]:
    """All deliveries."""
    with works.database.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def marks(works: Works) -> list[Any]:
    """The addresses that are left alone."""
    with works.database.read() as connection:
        return list(connection.execute(select(addresses)))
