"""Twilio's own callbacks: a form for each step of a message, signed with the account's token.

Each message tells Twilio an address of its own (``StatusCallback``), so that no id of Twilio's has to be known: a word
that comes before Twilio's own answer is understood too.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from services.notify import states

#: More fields than Twilio sends.
_MOST_FIELDS = 100

#: What it says that is no step on the way. ``read`` is of WhatsApp.
_ARRIVED = ("delivered", "read")
_FAILED = ("undelivered", "failed", "canceled")
#: Of the address alone: it is none, not in use, a landline, or has no WhatsApp; or its owner said stop. Of all others
#: (switched off, filtered, a setting of ours) another message may arrive.
_NO_ADDRESS = ("21211", "21610", "21614", "30005", "30006", "63003", "63024")

Pairs = Sequence[tuple[str, str]]


def told(options: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The request that sends a message, as `requests` is given it, with the address for what becomes of it."""
    form = options.get("data")
    if not isinstance(form, Mapping) or "Body" not in form:  # a call has other words
        return dict(options)
    return {**options, "data": {**form, "StatusCallback": address}}


def fields(body: bytes) -> Pairs:
    """The form's fields.

    Raises:
        ValueError: it is no form.
    """
    return parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS)


def is_signed(secret: str, address: str, form: Pairs, shown: str | None) -> bool:
    """Whether Twilio sent this form to this address: the whole address, then each field, by name, name and value."""
    text = address + "".join(name + value for name, value in sorted(set(form)))
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1"))
    return hmac.compare_digest(signature, (shown or "").encode())


def said(form: Pairs) -> str | None:
    """The state that the message has by its word; None: it is still on its way."""
    given = dict(form)
    if given.get("MessageStatus") in _ARRIVED:
        return states.DELIVERED
    if given.get("MessageStatus") in _FAILED:
        return states.PERMANENT if given.get("ErrorCode") in _NO_ADDRESS else states.TEMPORARY
    return None
