"""The secret a reporter follows the report with.

It is derived from the server's key and the report's hidden id, so that a repeated request can be answered with the same
secret although only its hash is stored. With the hash stored, a new key makes no old secret worthless.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

#: Stored instead of a hash: no secret matches it.
NEVER = "never"
#: 120 bits: 24 characters, in six groups that can be read out.
_BYTES = 15
_READ_AS = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None, " ": None})


def derive(key: bytes, id: str) -> str:
    """The secret of the report with this hidden id, such as ``MFRG-GZDF-MZTW-Q2LK-NNUW-24DB``."""
    digest = hmac.digest(key, f"reporter:{id}".encode(), "sha256")
    return _grouped(base64.b32encode(digest[:_BYTES]).decode())


def written(secret: str) -> str:
    """A secret as :func:`derive` writes it, however it was typed."""
    return _grouped(_read(secret))


def hashed(secret: str) -> str:
    """What is stored: SHA-256 of the secret, however it was typed. It has too many bits to be guessed."""
    return hashlib.sha256(_read(secret).encode()).hexdigest()


def matches(secret: str, stored: str) -> bool:
    return hmac.compare_digest(hashed(secret), stored)


def _read(secret: str) -> str:
    return secret.upper().translate(_READ_AS)


def _grouped(text: str) -> str:
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
