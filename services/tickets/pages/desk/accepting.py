"""Accepting several of the offered reports with one button: each is accepted, or not, by itself."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web import Problem
from services.tickets import custody, learning
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import answered, take_as
from services.tickets.acting import perform
from services.tickets.pages.desk.frame import draw
from services.tickets.pages.desk.lists import TICK, office_at
from services.tickets.pages.desk.refusing import said_of
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.forms import version_in
from services.tickets.pages.visit import Visit
from services.tickets.signin.sessions import Seat


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one of them.

    Attributes:
        why: why it was not accepted; None: it was.
    """

    code: str
    why: str | None


class Accepting:
    relay: Works
    public_url: str

    @desk_page("POST", "/accept", "Accept several reports, each by itself")
    def accept_several(self, visit: Visit, seat: Seat) -> Response:
        office_at(seat, Action.DESK)
        ticked = {name.removeprefix(TICK): text for name, text in visit.form.items() if name.startswith(TICK)}
        tried = [Tried(code, self._accept(visit, seat, code, version)) for code, version in sorted(ticked.items())]
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
        return draw(visit, seat, city, "desk/lists/accepted.html", tried=tried)

    def _accept(self, visit: Visit, seat: Seat, code: str, version: str) -> str | None:
        """Accept one; answers why it could not be."""
        try:
            with answered(), self.relay.begin() as work:
                sight = take_as(seat.token, work, code)
                perform(work, sight, Action.ACCEPT, lambda s, a: custody.accept(s.case, a), version_in(version))
        except Problem as problem:
            return visit.words("desk.several.stale") if problem.kind.slug == "stale" else said_of(problem, visit.words)
        return None
