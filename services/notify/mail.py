"""A letter as an internet message (RFC 5322)."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notify.channel import Letter
from services.notify.rendering import one_line

#: Longest line of the text that goes out as it is (RFC 5322, 2.1.1).
_LINE_LIMIT = 998


def compose(letter: Letter, sender: str) -> EmailMessage:
    """Make the message. Its Message-ID is the delivery's, so a second copy can be told as one.

    Raises:
        ValueError: the address is none that mail can be sent to.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(display_name=one_line(letter.name or ""), addr_spec=_address(letter.address))
    message["Subject"] = letter.wording.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message["Content-Language"] = letter.locale
    text = letter.wording.text
    plain = text.isascii() and all(len(line) < _LINE_LIMIT for line in text.splitlines())
    message.set_content(text, cte="7bit" if plain else "quoted-printable")
    return message


def _address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not (local and at and domain) or any(each.isspace() or not each.isprintable() for each in text):
        raise ValueError("not an address")
    return text


def _domain(sender: str) -> str:
    domain = sender.rpartition("@")[2].strip(" >")
    return domain or "localhost"
