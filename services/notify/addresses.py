"""Addresses of reporters: which channels they lead to, and telephone numbers in one form. Rules alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.notify.channels.channel import EMAIL, TELEGRAM, TEXTS

#: Numbers written without a country are Indonesian (ITU E.164).
_COUNTRY = "62"

_NUMBER = re.compile(r"[1-9][0-9]{7,14}")


@dataclass(frozen=True, slots=True)
class Route:
    """A channel, and the reader's address on it."""

    channel: str
    address: str

    @property
    def hash(self) -> str:
        """By what the address is known where it must not stand itself."""
        return hashlib.sha256(f"{self.channel}\n{self.address.strip().casefold()}".encode()).hexdigest()


def phone(text: str) -> str | None:
    """A number with its country, such as ``+6281234567890``; None: it cannot be one."""
    digits = re.sub(r"\D+", "", text)
    if not text.strip().startswith("+"):
        digits = digits[2:] if digits.startswith("00") else re.sub("^0", _COUNTRY, digits)
    return f"+{digits}" if _NUMBER.fullmatch(digits) else None


def routes_to(ways: Mapping[str, str | None], texts: Sequence[str] = TEXTS) -> list[Route]:
    """The ways that a reporter left: by email where there is one, then by these ``texts``."""
    email, number, chat = ways["email"], ways["phone"], ways["telegram"]
    whole = phone(number) if number else None
    found = [(EMAIL, email)] + [(channel, chat if channel == TELEGRAM else whole) for channel in texts]
    return [Route(channel, address) for channel, address in found if address]
