"""What is wrong with a city's data, said so that whoever edits it finds the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to correct: in which file, which entry (its code), which field, and what is wrong with it."""

    file: str
    entry: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{', '.join(part for part in (self.file, self.entry, self.field) if part)}: {self.reason}"


class CityError(ValueError):
    """A city that cannot be loaded. ``faults`` lists everything that is wrong, not just the first thing."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))
