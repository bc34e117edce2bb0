"""What happened, step by step, short."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Trace:
    #: Lines kept: the last ones tell.
    longest: int = 60
    lines: list[tuple[int, datetime, str]] = field(default_factory=list)

    def add(self, step: int, time: datetime, said: str) -> None:
        self.lines.append((step, time, said))

    def __str__(self) -> str:
        shown = self.lines[-self.longest :]
        left_out = len(self.lines) - len(shown)
        head = [f"  ({left_out} steps before)"] if left_out else []
        return "\n".join([*head, *(f"  {step:4} {time:%d %b %H:%M:%S}  {said}" for step, time, said in shown)])
