"""A mail server that keeps of each letter only which it was: tens of thousands come."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.mailbox import Mailbox

#: notify makes it of the delivery's id.
_ID = re.compile(rb"^Message-ID:\s*<([^@>.]+)[^@>]*@", re.IGNORECASE | re.MULTILINE)


class Postbox(Mailbox):
    """``letters``: (delivery, address) → how often it came."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__(address)
        self.letters: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content: Any = envelope.content
        found = _ID.search(content)
        for recipient in envelope.rcpt_tos:
            self.letters[found[1].decode() if found else "", recipient] += 1
        return "250 OK"
