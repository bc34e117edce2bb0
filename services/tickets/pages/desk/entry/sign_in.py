"""Sign in at a desk, and leave it."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets.access.sight import MISS, answered
from services.tickets.pages.desk.addresses import BASE, SIGN_IN, after
from services.tickets.pages.desk.entry.carrying import kept_in
from services.tickets.pages.desk.entry.entrance import Entrance
from services.tickets.pages.desk.entry.steps import STEP, Service, ask_who, go_on, prover, said
from services.tickets.pages.desk.seat import COOKIE, seat_of
from services.tickets.pages.visit import Visit, page
from services.tickets.signin import accounts, browsers, sessions
from services.tickets.signin.accounts import Account
from services.tickets.signin.proving import tell
from services.tickets.signin.sealing import seal, unseal

#: What somebody is given whose password was right, while they look for their code.
_HALF = "half signed in"


class SignIn:
    relay: Works
    public_url: str
    key: bytes
    entrance: Entrance

    @page("GET", SIGN_IN, "Sign in at your desk")
    def sign_in_page(self, visit: Visit) -> Response:
        return ask_who(self, visit, after(visit.request.args.get("next")), {})

    @page("POST", SIGN_IN, "Sign in", weight=4, miss=MISS)
    def sign_in(self, visit: Visit) -> Response:
        goal, kept = after(visit.form.get("next")), kept_in(visit.form)
        name = str(visit.form.get("name", "")).lower()
        with answered():
            proof = prover(self, visit).by_password(name, str(visit.form.get("password", "")))
            if proof.account is None:
                return ask_who(self, visit, goal, kept, "wrong", 403, proof.waits)
            return come_in(self, visit, proof.account, goal, kept)

    @page("POST", f"{SIGN_IN}/code", "Sign in: the second factor", weight=4, miss=MISS)
    def sign_in_code(self, visit: Visit) -> Response:
        form, goal, kept = visit.form, after(visit.form.get("next")), kept_in(visit.form)
        id = unseal(self.key, _HALF, visit.browser, str(form.get("half", "")), self.relay.clock.now())
        with answered():
            with self.relay.database.read() as connection:
                account = accounts.get(connection, id) if id else None
            if account is None or not account.has_factor:
                return ask_who(self, visit, goal, kept, "late", 403)
            proof = prover(self, visit).by_code(account, str(form.get("otp") or form.get("recovery") or ""))
            if proof.account is None:
                told = said(self, visit, "otp", proof.waits)
                return _ask_code(visit, str(form.get("half", "")), goal, kept, told, 403)
            return _sit_down(self, visit, account, goal, kept)

    @page("POST", f"{SIGN_IN}/again", "Go on with a form after signing in elsewhere in this browser")
    def sign_in_again(self, visit: Visit) -> Response:
        goal, kept = after(visit.form.get("next")), kept_in(visit.form)
        seat = seat_of(self, visit)
        if seat is None:
            return ask_who(self, visit, goal, kept, "nobody", 403)
        return go_on(self, visit, seat.account, goal, kept)

    @page("POST", f"{BASE}/leave", "Leave the desk")
    def leave_desk(self, visit: Visit) -> Response:
        text = visit.request.cookies.get(COOKIE)
        if text is not None:
            with answered(), self.relay.begin() as work:
                sessions.end(work.connection, text)
        visit.forget(COOKIE, BASE)
        return visit.go(SIGN_IN)


def come_in(service: Service, visit: Visit, account: Account, goal: str, kept: Mapping[str, str]) -> Response:
    """Somebody proved who they are, by a password or by the city's provider: ask for the code, or let them sit down."""
    if not account.has_factor:
        return _sit_down(service, visit, account, goal, kept)
    half = seal(service.key, _HALF, visit.browser, account.id, service.relay.clock.now() + STEP)
    return _ask_code(visit, half, goal, kept, {"fault": None, "until": None})


def _ask_code(
    visit: Visit, half: str, goal: str, kept: Mapping[str, str], told: Mapping[str, str | None], status: int = 200
) -> Response:
    return visit.draw("desk/entry/code.html", status, half=half, next=goal, carried=kept, here=SIGN_IN, **told)


def _sit_down(service: Service, visit: Visit, account: Account, goal: str, kept: Mapping[str, str]) -> Response:
    """A new session, and none besides in this browser. It is known from now on."""
    before = visit.request.cookies.get(COOKIE)
    with service.relay.begin() as work:
        if before is not None:
            sessions.end(work.connection, before)
        text = sessions.begin(work.connection, account, work.now)
        prover(service, visit).clear(work.connection, account)
    visit.keep(COOKIE, text, path=BASE)
    name, key = account.name, service.key
    known = browsers.remember(name, key, browsers.known(visit.request.cookies, name, key))
    visit.keep(browsers.cookie_of(name, key), known, path=BASE, seconds=browsers.SECONDS)
    tell("signed-in", account)
    return go_on(service, visit, account, goal, kept)
