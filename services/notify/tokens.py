"""Tokens in links of ours: a code, signed for one purpose, so that nothing need be kept to know it.

A reader's opens their preferences and nothing else: who finds it in somebody's mail reads no report with it. A
reporter's code is the report's. An office has another one besides, which opens its feed.
"""

from __future__ import annotations

import base64
import hmac
from urllib.parse import quote

#: 120 bits.
_BYTES = 15


_PREFERENCES, _FEED = "preferences", "feed"


def sign(key: bytes, reader: str) -> str:
    """The token of this reader's preferences; fit for a URL."""
    return _signed(key, _PREFERENCES, reader)


def reader_of(key: bytes, token: str) -> str | None:
    """The reader's code; None: we did not sign this for preferences."""
    return _code_of(key, _PREFERENCES, token)


def address(public_url: str, key: bytes, reader: str) -> str | None:
    """Where this reader chooses how to be told; None without HTTPS: then nothing stands before the services that joins
    them into one address.
    """
    if not public_url.startswith("https://"):
        return None
    return f"{public_url}/preferences/{quote(sign(key, reader), safe='')}/page"


def feed_address(public_url: str, key: bytes, office: str) -> str:
    """Where this office's feed is read: by whoever has the address."""
    return f"{public_url}/feed/{_signed(key, _FEED, office)}"


def office_of(key: bytes, token: str) -> str | None:
    """The office's code; None: we did not sign this for a feed."""
    return _code_of(key, _FEED, token)


def _signed(key: bytes, purpose: str, code: str) -> str:
    return f"{code}.{_signature(key, purpose, code)}"


def _code_of(key: bytes, purpose: str, token: str) -> str | None:
    code, _, signature = token.rpartition(".")
    return code if hmac.compare_digest(_signature(key, purpose, code).encode(), signature.encode()) else None


def _signature(key: bytes, purpose: str, code: str) -> str:
    digest = hmac.digest(key, f"{purpose}:{code}".encode(), "sha256")
    return base64.b32encode(digest[:_BYTES]).decode().lower()
