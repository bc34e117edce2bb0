"""An SMTP server that keeps what it receives."""

from __future__ import annotations

import email
import email.policy
import socket
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Listens on a free port of an address of this machine; ``messages`` are (recipient, message)."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.messages: list[tuple[str, EmailMessage]] = []
        with socket.socket() as probe:
            probe.bind((address, 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"smtp://{address}:{self.port}"
        self._controller = Controller(self, hostname=address, port=self.port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content: Any = envelope.content
        message = email.message_from_bytes(content, policy=email.policy.default)
        self.messages += [(recipient, message) for recipient in envelope.rcpt_tos]
        return "250 OK"

    def to(self, recipient: str) -> list[EmailMessage]:
        return [message for to, message in self.messages if to == recipient]

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()
