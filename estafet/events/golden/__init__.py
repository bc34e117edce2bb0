"""Golden events: what every version of every event looks like on the wire, byte for byte, and stays readable for ever.

They are installed, so that other apps may feed their readers with them.
"""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parent


def path_of(name: str, version: int = 1) -> Path:
    """Where an event's example is kept."""
    return GOLDEN / f"{name}.v{version}.json"


def golden(name: str, version: int = 1) -> bytes:
    """The bytes of an event's example."""
    return path_of(name, version).read_bytes()
