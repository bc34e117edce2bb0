"""The token by which a reporter sets preferences: a report's code, signed, so that no letter need be kept to know it.

It opens nothing but the preferences: who finds it in somebody's mail reads no report with it.
"""

from __future__ import annotations

import base64
import hmac

#: 120 bits.
_BYTES = 15


def sign(key: bytes, ticket: str) -> str:
    """The token of the reporter of this report; fit for a URL."""
    return f"{ticket}.{_signature(key, ticket)}"


def ticket_of(key: bytes, token: str) -> str | None:
    """The report's code; None: we did not sign this."""
    ticket, _, signature = token.rpartition(".")
    return ticket if hmac.compare_digest(_signature(key, ticket).encode(), signature.encode()) else None


def _signature(key: bytes, ticket: str) -> str:
    digest = hmac.digest(key, f"preferences:{ticket}".encode(), "sha256")
    return base64.b32encode(digest[:_BYTES]).decode().lower()
