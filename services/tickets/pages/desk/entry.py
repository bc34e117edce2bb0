"""Sign in at a desk, and leave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets.pages.desk.seat import BASE, CARRIED, COOKIE, SIGN_IN
from services.tickets.pages.visit import Visit, page
from services.tickets.sight import MISS, answered
from services.tickets.signin import accounts, sessions


class Entry:
    relay: Works
    public_url: str

    @page("GET", SIGN_IN, "Sign in at your desk")
    def sign_in_page(self, visit: Visit) -> Response:
        return _form(visit, after(visit.request.args.get("next")), {})

    @page("POST", SIGN_IN, "Sign in", weight=4, miss=MISS)
    def sign_in(self, visit: Visit) -> Response:
        form = visit.form
        kept = {name: value for name, value in form.items() if name.startswith(CARRIED)}
        goal = after(form.get("next"))
        with answered(), self.relay.begin() as work:
            account = accounts.prove(work.connection, str(form.get("name", "")), str(form.get("password", "")))
            text = sessions.begin(work.connection, account, work.now) if account else None
        if text is None:
            return _form(visit, goal, kept, "wrong", 403)
        visit.keep(COOKIE, text, path=BASE)
        if kept:
            fields = {name.removeprefix(CARRIED): value for name, value in kept.items()}
            return visit.draw("desk/again.html", action=goal, fields=fields)
        return visit.go(goal)

    @page("POST", f"{BASE}/leave", "Leave the desk")
    def leave_desk(self, visit: Visit) -> Response:
        text = visit.request.cookies.get(COOKIE)
        if text is not None:
            with answered(), self.relay.begin() as work:
                sessions.end(work.connection, text)
        visit.forget(COOKIE, BASE)
        return visit.go(SIGN_IN)


def after(text: Any) -> str:
    """Where to go after the sign-in: a page of the desk, and nowhere else."""
    goal = str(text or "")
    inside = goal == BASE or goal.startswith((f"{BASE}/", f"{BASE}?"))
    return goal if inside and goal.isascii() and goal.isprintable() and "\\" not in goal else BASE


def _form(visit: Visit, goal: str, kept: Mapping[str, Any], fault: str | None = None, status: int = 200) -> Response:
    return visit.draw("desk/sign-in.html", status, next=goal, carried=kept, fault=fault)
