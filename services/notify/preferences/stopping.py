"""Stopping everyday news: which letters still go, and the link that says so (RFC 8058).

The link's token is made of the reporter's own secret, so there is nothing to store and no key to keep: it is good for
one report, until its reporter is erased.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import quote

#: What goes to a reporter all the same: it asks for an answer, or is the last there is to say.
NEEDED = frozenset(
    (
        "ticket-opened-reporter",
        "ticket-paused-reporter",
        "note-added-reporter",
        "ticket-resolved-reporter",
        "deadline-near-reporter",
        "ticket-closed-reporter",
    )
)


def token(code: str, secret: str) -> str:
    """Whoever has it may stop everyday letters about this report. It tells nothing of the secret."""
    digest = hmac.digest(secret.encode(), f"stop letters about {code}".encode(), sha256)
    return urlsafe_b64encode(digest[:18]).decode()


def is_right(given: str, code: str, secret: str | None) -> bool:
    return secret is not None and hmac.compare_digest(given.encode(), token(code, secret).encode())


def address(public_url: str, code: str, secret: str) -> str | None:
    """Where a mail program posts to; None without HTTPS, which one-click unsubscribing demands."""
    if not public_url.startswith("https://"):
        return None
    return f"{public_url}/letters/stop/{quote(code, safe='')}/{token(code, secret)}"
