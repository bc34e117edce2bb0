"""Why a backup cannot be made or restored."""

from __future__ import annotations


class Unfit(Exception):
    """It cannot be done. The message says why, and what to do about it."""


class Busy(Exception):
    """Somebody else is at work in the database just now, and must not be made to wait."""
