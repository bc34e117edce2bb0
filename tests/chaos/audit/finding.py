"""One number of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: Examples shown of what should not be.
_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """``found`` names each that should not be; ``note`` explains the number."""

    name: str
    found: tuple[str, ...]
    note: str = ""

    @property
    def count(self) -> int:
        return len(self.found)

    def lines(self) -> Iterable[str]:
        yield f"{self.count:>8}  {self.name}{f' ({self.note})' if self.note else ''}"
        for each in self.found[:_SHOWN]:
            yield f"{'':10}  - {each}"


def finding(name: str, found: Iterable[object], note: str = "") -> Finding:
    return Finding(name, tuple(str(each) for each in found), note)
