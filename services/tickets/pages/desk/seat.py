"""Pages for people who signed in: who sits there, and what happens when nobody does any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from estafet.web import Problem
from services.tickets.access.sight import MISS, answered
from services.tickets.pages.desk.addresses import BASE, SIGN_IN
from services.tickets.pages.desk.entry.carrying import carried
from services.tickets.pages.desk.entry.steps import ask_who, go_on
from services.tickets.pages.desk.frame import refused
from services.tickets.pages.visit import Visit, page
from services.tickets.signin import sessions
from services.tickets.signin.sessions import Seat

COOKIE = "estafet_seat"


def desk_page(
    method: str, path: str, summary: str, owing: bool = False, **declaration: Any
) -> Callable[[Callable[..., Response]], Callable[..., Any]]:
    """As :func:`page`, for ``handler(self, visit, seat, **path_values)``: only with somebody at the desk.

    Who is there no longer signs in first and comes back to the page; a form that they sent is kept, shown again, and
    sent only when they say so. ``owing``: it is for those, too, who have to take a password of their own first, or a
    second factor. Requests count against the limit of the account: many officers share the address of their office.
    """

    def decorate(handler: Callable[..., Response]) -> Callable[..., Any]:
        @wraps(handler)
        def seated(service: Any, visit: Visit, **values: str) -> Response:
            seat = seat_of(service, visit)
            if COOKIE in visit.request.cookies:
                visit.request.recognize(good=seat is not None, whose=seat.account.id if seat else None)
            if seat is None:
                return _sign_in_first(service, visit, method)
            if not owing and service.entrance.owed(seat.account):
                kept = carried(visit.form, visit.files) if method == "POST" else {}
                return go_on(service, visit, seat.account, _here(visit, method), kept, 403)
            try:
                return handler(service, visit, seat, **values)
            except Problem as problem:
                return refused(service, visit, seat, problem)

        declared: Callable[..., Any] = page(method, f"{BASE}{path}", summary, cookie=COOKIE, miss=MISS, **declaration)(
            seated
        )
        return declared

    return decorate


def seat_of(service: Any, visit: Visit) -> Seat | None:
    """Who sits at this browser. That they were here is written down, at most once a minute: that they were, not that
    an open page looked by itself, or no desk would ever be left while something happens on it.
    """
    text = visit.request.cookies.get(COOKIE)
    if text is None:
        return None
    now = service.relay.clock.now()
    with answered(), service.relay.database.read() as connection:
        seat = sessions.find(connection, text, now)
    if seat is not None and seat.worn and visit.request.headers.get("Sec-Fetch-Dest") in (None, "document"):
        with answered(), service.relay.begin() as work:
            sessions.touch(work.connection, seat, work.now)
    return seat


def _sign_in_first(service: Any, visit: Visit, method: str) -> Response:
    here = _here(visit, method)
    if COOKIE in visit.request.cookies:
        visit.forget(COOKIE, BASE)  # shown again and again, it would count as so many tries
    if method == "GET":
        return visit.go(f"{SIGN_IN}?{urlencode({'next': here})}")
    return ask_who(service, visit, here, carried(visit.form, visit.files), "ended", 403)


def _here(visit: Visit, method: str) -> str:
    return visit.request.full_path.rstrip("?") if method == "GET" else visit.request.path
