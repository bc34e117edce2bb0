"""Numbers as people of a language write them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from services.tickets.pages.words import Words

#: Python's own marks, and what stands for them while they are exchanged.
_MARKS = str.maketrans({",": "\0", ".": "\1"})


@dataclass(frozen=True, slots=True)
class Numbers:
    words: Words

    def __call__(self, value: int | float | Decimal, digits: int = 0) -> str:
        """Such as ``12.345,60`` in Indonesian."""
        text = f"{value:,.{digits}f}".translate(_MARKS)
        return text.replace("\0", self.words("number.thousands")).replace("\1", self.words("number.decimal"))
