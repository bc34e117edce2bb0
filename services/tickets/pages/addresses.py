"""Where the pages of a report are, and which code somebody meant by what they typed."""

from __future__ import annotations

from estafet.web import Problem
from services.tickets import codes
from services.tickets.codes import Mistyped
from services.tickets.directory import Directory
from services.tickets.pages.visit import Visit


def path_of(code: str) -> str:
    return f"/t/{code}"


def mistake(error: Mistyped, visit: Visit, directory: Directory) -> str:
    """What is wrong with a code, in the visit's language."""
    return visit.words(f"code.{error.fault}", prefix=directory.code_prefix, characters=", ".join(error.characters))


def canonical(text: str, directory: Directory) -> str:
    """The code somebody meant, as it is written.

    Raises:
        Problem: ``mistyped-code``.
    """
    try:
        return codes.read(text, directory.code_prefix)
    except Mistyped as error:
        raise Problem("mistyped-code", str(error)) from error
