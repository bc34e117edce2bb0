"""What commands print on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console(highlight=False)
if not console.is_terminal:
    console.width = 100_000  # into a file or a pipe nothing is wrapped, and nothing cut off


def table(rows: Iterable[Any], nothing: str) -> None:
    """Print rows as a table; without any, what ``nothing`` says."""
    found = [dict(getattr(row, "_mapping", row)) for row in rows]
    if not found:
        console.print(nothing)
        return
    drawn = Table(*found[0], box=None)
    for row in found:
        drawn.add_row(*("-" if value is None else escape(str(value)) for value in row.values()))
    console.print(drawn)
