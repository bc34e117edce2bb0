"""A letter as an internet message (RFC 5322): text and HTML of the same words, kept together by report."""

from __future__ import annotations

import re
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from secrets import token_hex
from typing import Any

from services.notify.channels.channel import Letter
from services.notify.wording.plain import one_line


class _Headers(HeaderRegistry):
    """The standard library's, which makes a class anew for each header it is asked for."""

    __getitem__ = cache(HeaderRegistry.__getitem__)


#: What is set raw goes out as it is, long addresses included.
_POLICY = SMTP.clone(header_factory=_Headers(), refold_source="none")
#: Between text and HTML. Nobody's words can hold it at the start of a line: in text they begin with ``>``, and in HTML
#: their ``'`` is escaped. One for all letters of a process, so that its header is parsed once.
_BOUNDARY = f"='{token_hex(12)}'="
#: Longest line of the text that goes out as it is (RFC 5322, 2.1.1).
_LINE_LIMIT = 998
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")


def compose(letter: Letter, sender: str) -> EmailMessage:
    """Make the message.

    Its Message-ID is the delivery's, so a second copy can be told as one, with a proof that it is ours, so that what
    comes back can be believed. All letters about a report answer one message that never was, by which mail programs
    show them as one conversation; so do an office's digests.

    Raises:
        ValueError: the address is none that mail can be sent to.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _header("From", sender)
    message["To"] = Address(display_name=one_line(letter.name or ""), addr_spec=_address(letter.address))
    message["Subject"] = letter.wording.subject
    # Ours to the last character: there is nothing in them to parse.
    message.set_raw("Date", format_datetime(letter.written_at))
    name = f"{letter.id}.{letter.proof}" if letter.proof else letter.id
    message.set_raw("Message-ID", f"<{name}@{_domain(sender)}>")
    # An office's digest is about many reports, and names none.
    about = (
        f"ticket.{_UNSAFE.sub('_', letter.ticket)}" if letter.ticket else f"digest.{_UNSAFE.sub('_', letter.recipient)}"
    )
    thread = f"<{about}@{_domain(sender)}>"
    message.set_raw("In-Reply-To", thread)
    message.set_raw("References", thread)
    message.set_raw("Auto-Submitted", "auto-generated")  # RFC 3834: no out-of-office answers, please
    if letter.stop:
        message.set_raw("List-Unsubscribe", f"<{letter.stop}>")
        message.set_raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")  # RFC 8058
    if letter.wording.html:
        message["MIME-Version"] = _header("MIME-Version", "1.0")
        message["Content-Type"] = _header("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"')
        message.attach(_part("plain", letter.wording.text))
        message.attach(_part("html", letter.wording.html))
    else:
        _fill(message, "plain", letter.wording.text)
    # After the content: setting that removes what was there.
    message["Content-Language"] = _header("Content-Language", letter.locale)
    return message


def _part(subtype: str, text: str) -> EmailMessage:
    part = EmailMessage(policy=_POLICY)
    _fill(part, subtype, text)
    return part


def _fill(part: EmailMessage, subtype: str, text: str) -> None:
    if subtype == "html":  # any character can be named in ASCII there
        text = text.encode("ascii", "xmlcharrefreplace").decode()
    if text.isascii() and all(len(line) < _LINE_LIMIT for line in text.splitlines()):
        part["Content-Type"] = _header("Content-Type", f'text/{subtype}; charset="utf-8"')
        part["Content-Transfer-Encoding"] = _header("Content-Transfer-Encoding", "7bit")
        part.set_payload(text)
    else:
        part.set_content(text, subtype=subtype, cte="quoted-printable")


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
