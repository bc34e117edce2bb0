"""Golden events: what every version of every event looks like on the wire, byte for byte, and stays readable for ever.

They are installed, so that other apps may feed their readers with them.
"""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parent


def golden(name: str, version: int = 1) -> bytes:
    """The bytes of an event's example."""
    return (GOLDEN / f"{name}.v{version}.json").read_bytes()
