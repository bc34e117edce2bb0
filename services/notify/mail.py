"""A letter as an internet message (RFC 5322)."""

from __future__ import annotations

from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any

from services.notify.channel import Letter
from services.notify.rendering import one_line


class _Headers(HeaderRegistry):
    """The standard library's, which makes a class anew for each header it is asked for."""

    __getitem__ = cache(HeaderRegistry.__getitem__)


_POLICY = SMTP.clone(header_factory=_Headers())
#: Longest line of the text that goes out as it is (RFC 5322, 2.1.1).
_LINE_LIMIT = 998


def compose(letter: Letter, sender: str) -> EmailMessage:
    """Make the message. Its Message-ID is the delivery's, so a second copy can be told as one.

    Raises:
        ValueError: the address is none that mail can be sent to.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _header("From", sender)
    message["To"] = Address(display_name=one_line(letter.name or ""), addr_spec=_address(letter.address))
    message["Subject"] = letter.wording.subject
    # Ours to the last character: there is nothing in them to parse.
    message.set_raw("Date", format_datetime(letter.written_at))
    message.set_raw("Message-ID", f"<{letter.id}@{_domain(sender)}>")
    message.set_raw("Auto-Submitted", "auto-generated")  # RFC 3834: no out-of-office answers, please
    text = letter.wording.text
    plain = text.isascii() and all(len(line) < _LINE_LIMIT for line in text.splitlines())
    message.set_content(text, cte="7bit" if plain else "quoted-printable")
    # After the content: setting that removes what was there.
    message["Content-Language"] = _header("Content-Language", letter.locale)
    return message


@cache
def _header(name: str, value: str) -> Any:
    """Parsed once: these few are in every letter."""
    return _POLICY.header_factory(name, value)


def _address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not (local and at and domain) or any(each.isspace() or not each.isprintable() for each in text):
        raise ValueError("not an address")
    return text


def _domain(sender: str) -> str:
    domain = sender.rpartition("@")[2].strip(" >")
    return domain or "localhost"
