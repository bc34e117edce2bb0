"""The key of a report in its reporter's browser: a cookie for this report's pages alone."""

from __future__ import annotations

from estafet.web import Problem
from services.tickets import codes
from services.tickets.codes import Mistyped
from services.tickets.directory import Directory
from services.tickets.pages.visit import Visit

_COOKIE = "estafet_key"


def path_of(code: str) -> str:
    return f"/t/{code}"


def keep(visit: Visit, code: str, secret: str) -> None:
    """Until the browser is closed: a shared phone forgets it then."""
    visit.keep(_COOKIE, secret, path=path_of(code))


def kept(visit: Visit) -> str | None:
    return visit.request.cookies.get(_COOKIE)


def forget(visit: Visit, code: str) -> None:
    visit.forget(_COOKIE, path_of(code))


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
