"""Sign in with the city's own account: there to its identity provider, and back."""

from __future__ import annotations

import dataclasses

import structlog
from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web import Problem
from services.tickets.access.sight import MISS, answered
from services.tickets.pages.desk.addresses import BACK, SIGN_IN, after
from services.tickets.pages.desk.entry.entrance import Entrance
from services.tickets.pages.desk.entry.sign_in import come_in
from services.tickets.pages.desk.entry.steps import STEP, ask_who
from services.tickets.pages.visit import Visit, page
from services.tickets.signin import accounts
from services.tickets.signin.provider import Errand, Provider, Unproven
from services.tickets.signin.proving import tell
from services.tickets.signin.sealing import seal, unseal

_log = structlog.get_logger(__name__)

_COOKIE = "estafet_city"
_PURPOSE = "at the city's provider"


class CityAccount:
    relay: Works
    public_url: str
    key: bytes
    entrance: Entrance

    @page("GET", f"{SIGN_IN}/city", "Sign in with the city's account", weight=4)
    def city_account(self, visit: Visit) -> Response:
        provider, goal = self._provider(), after(visit.request.args.get("next"))
        try:
            address, errand = provider.send()
        except Unproven as error:
            return self._unproven(visit, goal, error)
        value = [*dataclasses.astuple(errand), goal]
        sealed = seal(self.key, _PURPOSE, visit.browser, value, self.relay.clock.now() + STEP)
        visit.keep(_COOKIE, sealed, path=SIGN_IN, seconds=int(STEP.total_seconds()))
        return visit.go(address)

    @page("GET", BACK, "Back from there", weight=4, miss=MISS)
    def back_from_city(self, visit: Visit) -> Response:
        provider, told = self._provider(), visit.request.args
        sealed = visit.request.cookies.get(_COOKIE, "")
        visit.forget(_COOKIE, SIGN_IN)
        kept = unseal(self.key, _PURPOSE, visit.browser, sealed, self.relay.clock.now())
        if kept is None:
            return ask_who(self, visit, after(None), {}, "late", 403)
        *errand, goal = kept
        try:
            if "code" not in told:
                raise Unproven("it sent no code")  # they said no there, most likely
            name = provider.name_of(Errand(*errand), told.get("state", ""), told["code"], told.get("iss"))
        except Unproven as error:
            return self._unproven(visit, goal, error)
        with answered():
            with self.relay.database.read() as connection:
                found = accounts.find(connection, name)
            if found is None:
                tell("no-account", None)
                return ask_who(self, visit, goal, {}, "no_account", 403)
            return come_in(self, visit, found[0], goal, {})

    def _provider(self) -> Provider:
        if self.entrance.city is None:
            raise Problem("not-found", "The city has no accounts of its own here.")
        return self.entrance.city

    def _unproven(self, visit: Visit, goal: str, error: Unproven) -> Response:
        tell("unproven", None)
        _log.warning("the city's provider proved nobody", why=str(error))
        return ask_who(self, visit, goal, {}, "unproven", 403)
