"""What mail servers wrote back, on real databases: from the letter as it arrived at one to the next channel."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session
from sqlalchemy import select

from estafet.relay.work import Works
from estafet.settings import from_environment
from services.notify.channels import configured
from services.notify.receipts import bounces, bouncing
from services.notify.receipts.bounces import Bounce
from services.notify.sending.sender import Sender
from services.notify.tables import addresses
from services.notify.tables import deliveries as table
from tests.bed.process import free_port
from tests.integration.notify.conftest import URL, Hands, prepared
from tests.integration.notify.mailing import Mailbox
from tests.integration.notify.sent import PHONE, Text, opened, published, states
from tests.integration.notify.serving import estafet_notify
from tests.unit.notify.receipts.returned import KEY, recipient, report

BACK = "bounces@tirtajaya.example"


class Server(Mailbox):
    """Notes from whom letters came, where it would write to if it could not deliver them."""

    def __init__(self) -> None:
        super().__init__()
        self.senders: list[str | None] = []
        self.port = 0

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        self.senders.append(envelope.mail_from)
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def mail_server() -> Iterator[Server]:
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    server.port = controller.port
    yield server
    controller.stop()


@pytest.fixture
def server() -> Iterator[Server]:
    with mail_server() as server:
        yield server


def sender(works: Works, server: Server, *texts: Text) -> Sender:
    environment = {"ESTAFET_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "ESTAFET_BOUNCES_TO": BACK}
    return Sender(works, configured.mail(from_environment(environment)), URL, texts, key=KEY)


def returned(letter: EmailMessage, fields: str) -> bytes:
    """The letter as a server sends it back: its head, after what is said of it."""
    head = "".join(f"{name}: {value}\n" for name, value in letter.items())
    return report(f"Reporting-MTA: dns; mx.warga.example\n\n{fields}", letter=head)


def marks(works: Works) -> list[str]:
    with works.database.read() as connection:
        return list(connection.scalars(select(addresses.c.error)))


def hear(works: Works, mail: bytes, *texts: str) -> None:
    with works.begin() as work:
        bouncing.hear(work, bounces.read(mail, KEY), texts)


def test_of_a_letter_that_came_back_the_address_is_marked_and_the_next_channel_tried(
    works: Works, server: Server
) -> None:
    sms = Text("sms")
    opened(works, phone=PHONE)
    sending = sender(works, server, sms)
    sending.run()
    [letter] = server.received
    assert server.senders == [BACK]
    for _ in range(2):
        hear(works, returned(letter, recipient("failed", "5.1.1")), "sms")
        sending.run()
    assert (states(works), marks(works)) == ({"sent": 1}, ["bounce-5.1.1"])
    assert len(sms.letters) == 1
    assert [each.data["channel"] for each in published(works)] == ["email", "sms"]
    hear(works, returned(letter, recipient("failed", "5.1.1")), "sms")
    assert states(works) == {"sent": 1}, "the letter is of no account once a text message went"


@pytest.mark.parametrize(
    ("fields", "state", "error"),
    [
        (recipient("delayed", "4.4.1"), "sent", None),
        (recipient("delivered", "2.1.5"), "delivered", None),
        (recipient("failed", "5.2.2"), "temporary-failure", "bounce-5.2.2"),
        (recipient("failed", "5.7.1"), "permanent-failure", "bounce-5.7.1"),
    ],
)
def test_what_is_said_is_recorded_and_marks_no_address_that_is_one(
    works: Works, server: Server, fields: str, state: str, error: str | None
) -> None:
    opened(works)
    sender(works, server).run()
    hear(works, returned(server.received[0], fields))
    assert (states(works), marks(works)) == ({state: 1}, [])
    with works.database.read() as connection:
        assert connection.scalar(select(table.c.error)) == error


def test_a_letter_sent_again_has_the_message_id_of_the_first(works: Works, server: Server, clock: Hands) -> None:
    opened(works)
    server.data = "hang up"
    sender(works, server).run()
    with works.database.read() as connection:
        clock.time = connection.scalar(select(table.c.next_attempt)) or clock.time
    sender(works, server).run()
    [letter] = server.received
    with works.database.read() as connection:
        id = connection.scalar(select(table.c.id))
    assert bounces.read(returned(letter, recipient("failed", "5.1.1")), KEY) == Bounce(str(id), "failed", "5.1.1", True)
    assert str(letter["Message-ID"]).startswith(f"<{id}.")


def test_a_letter_that_never_was_changes_nothing(works: Works) -> None:
    opened(works)
    for bounce in (Bounce("unknown", "failed", "5.1.1", True), Bounce("", "failed", "5.1.1", True)):
        with works.begin() as work:
            bouncing.hear(work, bounce, ())
    assert (states(works), marks(works)) == ({"created": 1}, [])


def estafet(folder: Path, mail: bytes, *arguments: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """The command as a mail server starts it."""
    key = {"ESTAFET_SECRET_KEY": KEY.decode()}
    return estafet_notify(folder, "bounced", *arguments, given=mail, **(key | settings))


def test_the_mail_server_hands_it_to_the_command(tmp_path: Path, server: Server) -> None:
    works = Works("notify", prepared(f"sqlite:///{tmp_path / 'notify.sqlite'}"), Hands())
    opened(works)
    sender(works, server).run()
    mail = returned(server.received[0], recipient("failed", "5.1.1"))
    (tmp_path / "one.eml").write_bytes(mail)
    for given, arguments in ((mail, ()), (b"", (str(tmp_path / "one.eml"), "-"))):
        done = estafet(tmp_path, given, *map(str, arguments))
        assert (done.returncode, done.stderr) == (0, b"")
        assert b": failed (5.1.1)\n" in done.stdout
    assert b"passed over: no delivery status notification" in done.stdout
    assert (states(works), marks(works)) == ({"permanent-failure": 1}, ["bounce-5.1.1"])
    works.database.engine.dispose()


def test_the_mail_server_is_told_to_try_again_while_nothing_can_be_recorded(tmp_path: Path) -> None:
    mail = report(f"Reporting-MTA: dns; mx\n\n{recipient('failed', '5.1.1')}")
    done = estafet(tmp_path, mail)
    assert done.returncode == 75
    assert b"The database cannot be used" in done.stderr
    assert estafet(tmp_path, mail, ESTAFET_SECRET_KEY="another").returncode == 0, "nobody's letter, and nobody's fault"
    large = estafet(tmp_path, b"x" * (3 * bounces.MOST_BYTES))
    assert (large.returncode, large.stdout) == (0, b"passed over: larger than a bounce is\n")
