"""Browsers that somebody signed in with before: a cookie that says so, for a year, and nothing else.

It opens nothing. Whoever brings it is counted apart from strangers who guess at the same name.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

SECONDS = 365 * 24 * 3600


def cookie_of(name: str, key: bytes) -> str:
    """Each name has a cookie of its own: people share a desk. The account's name is not in it."""
    return f"estafet_known_{_digest(key, 'cookie', name)[:12]}"


def known(cookies: Mapping[str, str], name: str, key: bytes) -> str | None:
    """Which browser it is, of those that signed in with this name."""
    browser, _, proof = cookies.get(cookie_of(name, key), "").partition(".")
    expected = _digest(key, browser, name)
    return browser if hmac.compare_digest(proof.encode("utf-8", "replace"), expected.encode()) else None


def remember(name: str, key: bytes, browser: str | None) -> str:
    """What the cookie is to say; ``browser``: which one it is already."""
    browser = browser or secrets.token_hex(16)
    return f"{browser}.{_digest(key, browser, name)}"


def _digest(key: bytes, what: str, name: str) -> str:
    return hmac.digest(key, f"browser:{what}:{name}".encode("utf-8", "replace"), "sha256").hex()
