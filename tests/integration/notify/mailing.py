"""A mail server that does what real ones do, and letters for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import Envelope, Session

from services.notify.channels.channel import EMAIL, Letter, Outcome
from services.notify.channels.failover import Failover, Provider
from services.notify.channels.smtp import Smtp
from services.notify.wording.rendering import Wording

SENDER = "Estafet <estafet@tirtajaya.example>"


class Mailbox:
    """A server that takes mail, unless told what to answer at which step."""

    def __init__(self, rcpt: str | None = None, data: str | None = None, mail: str | None = None) -> None:
        self.received: list[EmailMessage] = []
        self.connections = 0
        self.rcpt, self.data, self.mail = rcpt, data, mail

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt and "good" not in address:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        if self.data == "hang up":
            self.data = None
            server.transport.close()
            return "451 gone"
        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append(message)
        return "250 OK"


Start = Callable[..., Smtp]


def letter(address: str = "sri@warga.example", **changes: Any) -> Letter:
    given: dict[str, Any] = {
        "id": "0190-delivery",
        "ticket": "TRT-7F3K-92Q",
        "recipient": "reporter",
        "address": address,
        "name": "Sri Wahyuni",
        "wording": Wording("Laporan TRT-7F3K-92Q", "Sugeng rawuh.\n", brief="Laporan TRT-7F3K-92Q"),
        "locale": "id",
        "written_at": datetime(2026, 11, 30, 9, 0, tzinfo=UTC),
    }
    return Letter(**(given | changes))


def mail(server: Smtp) -> Failover:
    """The channel of letters, with this server alone."""
    return Failover(EMAIL, [Provider("email-1", server)])


def send(channel: Smtp, *letters: Letter) -> list[Outcome]:
    with channel.open() as post:
        return [post(each) for each in letters]
