"""Days and nights of the invented city, and what happens in it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage

from estafet.events import Event
from estafet.relay.work import Works
from services.notify.preferences import preferring
from services.notify.preferences.preference import Preference, Quiet
from tests.integration.notify.conftest import CODE, arrive, event
from tests.integration.notify.mailing import Mailbox
from tests.unit.notify.samples import ticket

#: Where the invented city is, seven hours ahead of UTC.
EVENING = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
DIGEST = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
NIGHT = Quiet(time(21), time(6))


def to(mailbox: Mailbox, name: str) -> list[EmailMessage]:
    return [each for each in mailbox.received if name in str(each["To"])]


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def prefer(works: Works, reader: str, **wish: object) -> None:
    with works.begin() as work:
        preferring.keep(work.connection, reader, Preference(**wish), work.now)  # type: ignore[arg-type]


def begin(works: Works, *codes: str) -> None:
    arrive(works, event("directory.published", "e-0"))
    for code in codes or (CODE,):
        arrive(works, event("reporter.given", f"g-{code}", code=code))


def offered(id: str, version: int, code: str = CODE, **standing: object) -> Event:
    now = ticket(**({"reachable": False, "status": "offered", "holder": "desk"} | standing))
    return event(
        "handoff.offered", id, version, code=code, ticket=now, sender="desk", accept_by=DIGEST + timedelta(days=2)
    )


def accepted(id: str, version: int, code: str = CODE, **standing: object) -> Event:
    now = ticket(**({"holder": "lake"} | standing))
    return event("handoff.accepted", id, version, code=code, ticket=now, sender="desk")


def noted(id: str, version: int) -> Event:
    """A note of the holder: only the reporter hears of it."""
    return event("note.added", id, version, ticket=ticket(holder="lake"), office="lake", public=True)
