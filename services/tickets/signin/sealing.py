"""What only this server may read or make, wherever it is kept: sealed with a key of its own for each purpose.

With another server key nothing that was sealed is read any more.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


def seal(key: bytes, purpose: str, whose: str, value: Any, until: datetime | None = None) -> str:
    """A JSON value, sealed for one purpose and one owner; it opens until then."""
    plain = json.dumps([value, until.timestamp() if until else None]).encode()
    nonce = os.urandom(_NONCE)
    return base64.urlsafe_b64encode(nonce + _cipher(key, purpose).encrypt(nonce, plain, whose.encode())).decode()


def unseal(key: bytes, purpose: str, whose: str, sealed: str, now: datetime | None = None) -> Any:
    """What was sealed. None: it was not sealed so by us, or its time is over."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode("ascii"))
        plain = _cipher(key, purpose).decrypt(raw[:_NONCE], raw[_NONCE:], whose.encode())
    except (InvalidTag, ValueError, binascii.Error):
        return None
    value, until = json.loads(plain)
    if until is not None and (now or datetime.now(UTC)).timestamp() >= until:
        return None
    return value


def _cipher(key: bytes, purpose: str) -> AESGCM:
    return AESGCM(hmac.digest(key, f"sealed:{purpose}".encode(), "sha256"))
