"""The account page: who I am, my password, my second factor, and where I am signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets import learning
from services.tickets.access.sight import answered
from services.tickets.pages.desk.addresses import BASE, after
from services.tickets.pages.desk.entry.carrying import kept_in
from services.tickets.pages.desk.entry.entrance import Entrance
from services.tickets.pages.desk.entry.steps import SETTING_UP, ask_factor, ask_password, go_on, prover, said
from services.tickets.pages.desk.frame import draw
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.visit import Visit
from services.tickets.signin import accounts, factor, passwords, sessions
from services.tickets.signin.sealing import unseal
from services.tickets.signin.sessions import Seat

_PAGE = f"{BASE}/account"
#: What was just done, as the address says after a form was taken.
DONE = ("password", "factor-off", "others")


class AccountPage:
    relay: Works
    public_url: str
    key: bytes
    entrance: Entrance

    @desk_page("GET", "/account", "Your account")
    def account_page(self, visit: Visit, seat: Seat) -> Response:
        return self._account(visit, seat)

    @desk_page("POST", "/account/password", "Take another password", owing=True, weight=4)
    def new_password(self, visit: Visit, seat: Seat) -> Response:
        form, account = visit.form, seat.account
        goal, kept = after(form.get("next") or _PAGE), kept_in(form)
        old, new = str(form.get("password", "")), str(form.get("new_password", ""))
        fault = _fault(account.name, old, new, str(form.get("repeated_password", "")))
        if fault is not None:
            return ask_password(self, visit, account, goal, kept, fault, status=422)
        with answered():
            proof = prover(self, visit).by_password(account.name, old)
            if proof.account is None:
                return ask_password(self, visit, account, goal, kept, "old", proof.waits, 403)
            with self.relay.begin() as work:
                accounts.set_password(work.connection, account.name, new, but=seat.session)
                prover(self, visit).clear(work.connection, account)
                changed = accounts.get(work.connection, account.id)
        if changed is None:
            return visit.go(_PAGE)  # it ended meanwhile
        return go_on(self, visit, changed, f"{_PAGE}?done=password" if goal == _PAGE else goal, kept)

    @desk_page("GET", "/account/password", "Take another password: the form", owing=True)
    def password_page(self, visit: Visit, seat: Seat) -> Response:
        return ask_password(self, visit, seat.account, _PAGE, {})

    @desk_page("GET", "/account/factor", "Set up a telephone as the second factor", owing=True)
    def factor_page(self, visit: Visit, seat: Seat) -> Response:
        if seat.account.must_change or seat.account.has_factor:
            return visit.go(_PAGE)
        return ask_factor(self, visit, seat.account, factor.new_secret(), _PAGE, {})

    @desk_page("POST", "/account/factor", "Set it up: the first code", owing=True, weight=4)
    def set_up_factor(self, visit: Visit, seat: Seat) -> Response:
        form, account = visit.form, seat.account
        goal, kept = after(form.get("next") or _PAGE), kept_in(form)
        now = self.relay.clock.now()
        secret = unseal(self.key, SETTING_UP, account.id, str(form.get("sealed", "")), now)
        if account.must_change or account.has_factor:
            return go_on(self, visit, account, goal, kept)
        if secret is None:
            return ask_factor(self, visit, account, factor.new_secret(), goal, kept, "late", 403)
        step = factor.step_of(secret, str(form.get("otp", "")), now)
        if step is None:
            return ask_factor(self, visit, account, secret, goal, kept, "otp", 403)
        with answered(), self.relay.begin() as work:
            codes = factor.set_up(work.connection, self.key, account.id, secret, step)
            sessions.end_others(work.connection, seat)
        return visit.draw("desk/entry/codes.html", codes=codes, next=goal, carried=kept, here=_PAGE)

    @desk_page("POST", "/account/factor/off", "Do without the second factor", weight=4)
    def take_factor_off(self, visit: Visit, seat: Seat) -> Response:
        account = seat.account
        if not account.has_factor or account.role in self.entrance.second_factor:
            return visit.go(_PAGE)
        with answered():
            proof = prover(self, visit).by_code(account, str(visit.form.get("otp", "")))
            if proof.account is None:
                return self._account(visit, seat, "otp", proof.waits, 403)
            with self.relay.begin() as work:
                factor.take_off(work.connection, account.id)
                prover(self, visit).clear(work.connection, account)
        return visit.go(f"{_PAGE}?done=factor-off")

    @desk_page("POST", "/account/others", "End your other sessions")
    def end_other_sessions(self, visit: Visit, seat: Seat) -> Response:
        with answered(), self.relay.begin() as work:
            sessions.end_others(work.connection, seat)
        return visit.go(f"{_PAGE}?done=others")

    def _account(
        self, visit: Visit, seat: Seat, fault: str | None = None, waits: datetime | None = None, status: int = 200
    ) -> Response:
        account, now = seat.account, self.relay.clock.now()
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
            mine = sessions.of(connection, account.id, now)
            left = factor.codes_left(connection, account.id) if account.has_factor else 0
        done = visit.request.args.get("done")
        facts: dict[str, Any] = {
            "account": account,
            "needed": account.role in self.entrance.second_factor,
            "codes_left": left,
            "sessions": mine,
            "session": seat.session,
            "now": now,
            "done": done if done in DONE else None,
            "here": _PAGE,
        }
        return draw(visit, seat, city, "desk/entry/account.html", status, **facts, **said(self, visit, fault, waits))


def _fault(name: str, old: str, new: str, repeated: str) -> str | None:
    """What is wrong with a new password, before the old one is looked at."""
    if new != repeated:
        return "different"
    if new == old:
        return "same"
    try:
        passwords.check(new, name)
    except passwords.Weak as weak:
        return weak.reason
    return None
