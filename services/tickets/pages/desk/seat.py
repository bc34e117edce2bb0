"""Pages for people who signed in: who sits there, and what happens when nobody does any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from estafet.web import Problem
from services.tickets.pages import guard
from services.tickets.pages.desk.frame import refused
from services.tickets.pages.visit import Visit, page
from services.tickets.sight import answered
from services.tickets.signin import sessions
from services.tickets.signin.sessions import Seat

#: Where everything lives that needs a sign-in; the cookie goes nowhere else.
BASE = "/desk"
SIGN_IN = f"{BASE}/sign-in"
COOKIE = "estafet_seat"
#: The fields of a form that came after the session had ended are carried through the sign-in under this.
CARRIED = "carried."


def desk_page(
    method: str, path: str, summary: str, **declaration: Any
) -> Callable[[Callable[..., Response]], Callable[..., Any]]:
    """As :func:`page`, for ``handler(self, visit, seat, **path_values)``: only with somebody at the desk.

    Who is there no longer signs in first and comes back to the page; a form that they sent is kept, shown again, and
    sent only when they say so.
    """

    def decorate(handler: Callable[..., Response]) -> Callable[..., Any]:
        @wraps(handler)
        def seated(service: Any, visit: Visit, **values: str) -> Response:
            seat = seat_of(service, visit)
            if seat is None:
                return _sign_in_first(visit, method)
            try:
                return handler(service, visit, seat, **values)
            except Problem as problem:
                return refused(service, visit, seat, problem)

        declared: Callable[..., Any] = page(method, f"{BASE}{path}", summary, **declaration)(seated)
        return declared

    return decorate


def seat_of(service: Any, visit: Visit) -> Seat | None:
    """Who sits at this browser. That they were here is written down, at most once a minute."""
    text = visit.request.cookies.get(COOKIE)
    if text is None:
        return None
    now = service.relay.clock.now()
    with answered(), service.relay.database.read() as connection:
        seat = sessions.find(connection, text, now)
    if seat is not None and seat.worn:
        with answered(), service.relay.begin() as work:
            sessions.touch(work.connection, seat, work.now)
    return seat


def carried(form: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form, to go with the sign-in."""
    return {f"{CARRIED}{name}": str(value) for name, value in form.items() if value and name != guard.FIELD}


def _sign_in_first(visit: Visit, method: str) -> Response:
    if method == "GET":
        here = visit.request.full_path.rstrip("?")
        return visit.go(f"{SIGN_IN}?{urlencode({'next': here})}")
    return visit.draw("desk/sign-in.html", 403, next=visit.request.path, carried=carried(visit.form), fault="ended")
