"""Signatures by the Standard Webhooks scheme, version 1 (HMAC-SHA256), which any of its libraries can check."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

#: Random bytes in a secret; the scheme asks for 24 to 64.
_BYTES = 32


def new_secret() -> str:
    """Such as ``whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw...``."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"


def headers(id: str, body: bytes, keys: Iterable[str], now: datetime) -> dict[str, str]:
    """The three headers of a message; a signature for each key, so that one can be exchanged for the other in peace."""
    signed_at = now.astimezone(UTC)
    signatures = (Webhook(key).sign(id, signed_at, body.decode()) for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
