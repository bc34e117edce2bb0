"""Where the pages of a report are, and which code somebody meant by what they typed."""

from __future__ import annotations

from services.tickets.codes import Mistyped
from services.tickets.directory import Directory
from services.tickets.pages.visit import Visit


def path_of(code: str) -> str:
    return f"/t/{code}"


def mistake(error: Mistyped, visit: Visit, directory: Directory) -> str:
    """What is wrong with a code, in the visit's language."""
    return visit.words(f"code.{error.fault}", prefix=directory.code_prefix, characters=", ".join(error.characters))
