"""An app for codes on somebody's telephone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyotp

from services.tickets.signin.factor import STEP


class Telephone:
    """With the key that stands on the page of its setting up."""

    def __init__(self, page: str) -> None:
        found = re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})\b", page)
        assert found, page
        self.totp = pyotp.TOTP(found[1].replace(" ", ""))

    def code(self, later: int = 0) -> str:
        """``later``: that many steps; the next one is taken too, so a test need not wait for it."""
        return self.totp.generate_otp(int(datetime.now(UTC).timestamp()) // STEP + later)
