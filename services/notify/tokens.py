"""The link by which a reader sets preferences: their code, signed, so that no letter need be kept to know it.

A reporter's code is the report's. The link opens nothing but the preferences: who finds it in somebody's mail reads no
report with it.
"""

from __future__ import annotations

import base64
import hmac
from urllib.parse import quote

#: 120 bits.
_BYTES = 15


def sign(key: bytes, reader: str) -> str:
    """The token of this reader; fit for a URL."""
    return f"{reader}.{_signature(key, reader)}"


def reader_of(key: bytes, token: str) -> str | None:
    """The reader's code; None: we did not sign this."""
    reader, _, signature = token.rpartition(".")
    return reader if hmac.compare_digest(_signature(key, reader).encode(), signature.encode()) else None


def address(public_url: str, key: bytes, reader: str) -> str | None:
    """Where this reader chooses how to be told; None without HTTPS: then nothing stands before the services that joins
    them into one address.
    """
    if not public_url.startswith("https://"):
        return None
    return f"{public_url}/preferences/{quote(sign(key, reader), safe='')}/page"


def _signature(key: bytes, reader: str) -> str:
    digest = hmac.digest(key, f"preferences:{reader}".encode(), "sha256")
    return base64.b32encode(digest[:_BYTES]).decode().lower()
