"""The key of a report in its reporter's browser: a cookie for this report's pages alone."""

from __future__ import annotations

from services.tickets.pages.addresses import path_of
from services.tickets.pages.visit import Visit

_COOKIE = "estafet_key"


def keep(visit: Visit, code: str, secret: str) -> None:
    """Until the browser is closed: a shared phone forgets it then."""
    visit.keep(_COOKIE, secret, path=path_of(code))


def kept(visit: Visit) -> str | None:
    return visit.request.cookies.get(_COOKIE)


def forget(visit: Visit, code: str) -> None:
    visit.forget(_COOKIE, path_of(code))
