"""A bounce: a mail by which a mail server says what became of a letter of ours (RFC 3464). Reading alone, no I/O.

Whoever knows the address that bounces go to can send mail there. So nothing is believed but what names a letter by the
Message-ID that we gave it, whose proof nobody can guess (`message_ids`); a recipient's address names none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from services.notify import states
from services.notify.channels import codes, message_ids
from services.notify.receipts import parts
from services.notify.receipts.parts import Headers

#: Bytes of a mail. Our letters come back whole at times; they have a tenth of it.
MOST_BYTES = 1024 * 1024

_STATUS = ("message/delivery-status", "message/global-delivery-status")
#: The letter that came back, or its head (RFC 6522, RFC 6533).
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
#: Where a mail server names the letter it writes about, beside what it sends back.
_NAMING = ("In-Reply-To", "References")

#: What may be said of several recipients, where the reader's own server sent the letter on to them: the best counts.
_ACTIONS = ("delivered", "relayed", "expanded", "delayed", "failed")
#: Permanent in name: the mailbox is full, or the message was tried until its time was over.
_TEMPORARY = ("2.2", "4.7")

_WORD = re.compile(r"\s*([a-z]+)")
#: Such as ``smtp; 550-5.1.1 No such user``.
_DIAGNOSTIC = re.compile(r"\s*(?:smtp|x-[\w-]+)\s*;\D{0,40}([245][0-9]{2})[ -]?(.*)", re.IGNORECASE | re.DOTALL)


class Reason(Enum):
    """Why a mail is no bounce of ours."""

    TOO_LARGE = "larger than a bounce is"
    UNREADABLE = "cannot be read"
    AUTOMATIC = "an answer by a machine, such as that somebody is away"
    OTHER = "no delivery status notification"
    FOREIGN = "names no letter that we sent"


class NoBounce(Exception):
    """The mail is none, or none of ours. What it says about anybody changes nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says.

    Attributes:
        delivery: the id of the letter's delivery.
        action: failed, delayed, delivered, relayed or expanded.
        status: the enhanced status code, such as ``5.1.1``.
        no_mailbox: the address itself is none.
    """

    delivery: str
    action: str
    status: str
    no_mailbox: bool = False

    @property
    def state(self) -> str | None:
        """The state that it means; None: nothing has ended yet, or nobody knows how."""
        if self.action == "delivered":
            return states.DELIVERED
        if self.action != "failed":
            return None
        group, _, rest = self.status.partition(".")
        return states.TEMPORARY if group == "4" or rest in _TEMPORARY else states.PERMANENT

    @property
    def error(self) -> str:
        """The class of error."""
        return f"bounce-{self.status}"


def read(mail: bytes, key: bytes) -> Bounce:
    """What the mail says of a letter of ours.

    Raises:
        NoBounce: nothing; whatever the mail is, nothing else is raised.
    """
    if len(mail) > MOST_BYTES:
        raise NoBounce(Reason.TOO_LARGE)
    try:
        return _read(parts.headers(mail), key)
    except NoBounce:
        raise
    except Exception as error:  # the standard library has many ways not to understand a mail
        raise NoBounce(Reason.UNREADABLE) from error


def _read(mail: Headers, key: bytes) -> Bounce:
    inside = parts.parts(mail)
    report = next((each for each in inside if each.get_content_type() in _STATUS), None)
    if report is None:
        answered = parts.value(mail, "Auto-Submitted").strip().lower() not in ("", "no")
        raise NoBounce(Reason.AUTOMATIC if answered else Reason.OTHER)
    delivery = message_ids.delivery_of(key, _names(mail, inside))
    if delivery is None:
        raise NoBounce(Reason.FOREIGN)
    said = [each for block in parts.blocks(parts.content(report)) if (each := _said(delivery, block))]
    if not said:
        raise NoBounce(Reason.UNREADABLE)
    return min(said, key=lambda each: _ACTIONS.index(each.action))


def _names(mail: Headers, inside: list[Headers]) -> list[str]:
    """Where the letter's Message-ID may stand, the surest first."""
    returned = [parts.headers(parts.content(each)) for each in inside if each.get_content_type() in _RETURNED]
    return [parts.value(each, "Message-ID") for each in returned] + [parts.value(mail, name) for name in _NAMING]


def _said(delivery: str, recipient: Headers) -> Bounce | None:
    """What is said of one recipient; None: the group of fields is about none, or says nothing we know."""
    word = _WORD.match(parts.value(recipient, "Action").lower())
    if word is None or word[1] not in _ACTIONS:
        return None
    status = codes.enhanced(parts.value(recipient, "Status"))
    found = _DIAGNOSTIC.match(parts.value(recipient, "Diagnostic-Code"))
    code, told = (int(found[1]), codes.enhanced(found[2])) if found else (None, None)
    if status is None or status.endswith(".0.0"):  # no more than its class: the other server's own words say more
        status = told or status
    gone = word[1] == "failed" and codes.no_mailbox(None if status and status.endswith(".0.0") else status, code)
    return Bounce(delivery, word[1], status or ("5.0.0" if word[1] == "failed" else "2.0.0"), gone)
