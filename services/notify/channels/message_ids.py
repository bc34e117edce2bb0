"""The Message-ID of a letter: its delivery's id, and a proof that we made it.

The id alone proves nothing: events tell it to other apps. Who shows the proof has the letter, or has had it in transit.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable

#: 120 bits.
_BYTES = 15
#: As mail servers hand it back: in whatever case.
_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([a-z2-7]{24})@[^<>\s]{1,255}>")


def proof(key: bytes, delivery: str) -> str:
    """What stands behind the delivery's id; the same however often the letter is sent."""
    digest = hmac.digest(key, f"letter:{delivery}".encode(), "sha256")
    return base64.b32encode(digest[:_BYTES]).decode().lower()


def delivery_of(key: bytes, headers: Iterable[str]) -> str | None:
    """The delivery of the first Message-ID in these headers that we made; None: there is none."""
    for found in (each for header in headers for each in _OURS.finditer(header.lower())):
        delivery, shown = found.groups()
        if hmac.compare_digest(str(shown), proof(key, delivery)):
            return str(delivery)
    return None
