"""What waits for a decision: one report at a time, every office's reasons side by side, and one press to assign it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping
from werkzeug.wrappers import Response

from estafet.events.reasons import REASONS, reasons_for
from estafet.relay.work import Works
from estafet.web import Problem
from estafet.web.schemas import load
from services.tickets import custody, learning, views
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight, answered, look_as, take_as
from services.tickets.acting import perform
from services.tickets.api import schemas
from services.tickets.directory import Directory
from services.tickets.pages import photos
from services.tickets.pages.coordinator import sheets
from services.tickets.pages.coordinator.frame import draw, require
from services.tickets.pages.coordinator.sides import Side, sides
from services.tickets.pages.desk.addresses import place_of
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.forms import version_in
from services.tickets.pages.visit import Visit
from services.tickets.signin.sessions import Seat
from services.tickets.statistics import convened

#: How many are listed, and how many rows the table to save has at most.
LISTED, SAVED = 50, 5000
#: What the rules or the store answer when somebody else was faster.
_OVERTAKEN = ("stale", "conflict", "resolved", "closed", "not-coordinator", "not-entitled")


@dataclass(frozen=True, slots=True)
class Item:
    """A report that waits, as the list shows it."""

    row: RowMapping
    since: datetime
    between: tuple[str, ...]


class Convened:
    relay: Works
    public_url: str

    @desk_page("GET", "/convened", "What waits for your decision, with the reasons of both sides")
    def convened_page(self, visit: Visit, seat: Seat) -> Response:
        require(seat, Action.DESK_CONVENED, Action.ALL_CONVENED)
        asked = visit.request.args
        with answered(), self.relay.database.read() as connection:
            done = _done(connection, seat, asked.get("done"))
            return self._show_convened(visit, seat, connection, asked.get("code"), done=done)

    @desk_page("POST", "/convened/<code>/assign", "Decide: assign the report to an office; it binds")
    def assign_by_page(self, visit: Visit, seat: Seat, code: str) -> Response:
        require(seat, Action.DESK_CONVENED)
        form = visit.form
        chosen = [each for each in (form.get("receiver"), form.get("other")) if each]
        if len(set(chosen)) != 1:
            return self._decide_again(visit, seat, code, "two" if chosen else "none")
        fields = {"receiver": chosen[0], "reason": form.get("reason") or "", "words": form.get("words") or None}
        body = load(schemas.AssignInput, fields)
        try:
            with answered(), self.relay.begin() as work:
                sight = take_as(seat.token, work, code)
                perform(
                    work,
                    sight,
                    Action.ASSIGN,
                    lambda s, a: custody.assign(s.case, a, s.directory, **body),
                    version_in(form.get("version")),
                )
        except Problem as problem:
            if problem.kind.slug not in _OVERTAKEN:
                raise
            return self._decide_again(visit, seat, code, "overtaken")
        return visit.go(f"/desk/convened?done={sight.case.code}")

    @desk_page("GET", "/convened.csv", "What waits for a decision, as a table to save")
    def convened_sheet(self, visit: Visit, seat: Seat) -> Response:
        require(seat, Action.DESK_CONVENED, Action.ALL_CONVENED)
        with answered(), self.relay.database.read() as connection:
            rows = convened.convened(connection, seat.token.office, SAVED)
            return sheets.respond("convened", sheets.convened(rows, convened.between(connection, rows)))

    def _decide_again(self, visit: Visit, seat: Seat, code: str, fault: str) -> Response:
        """The page once more, with what was written, and what was wrong with it."""
        with answered(), self.relay.database.read() as connection:
            sight = look_as(seat.token, connection, code)
            return self._show_convened(
                visit, seat, connection, sight.case.code, 409 if fault == "overtaken" else 422, fault=fault, sight=sight
            )

    def _show_convened(
        self,
        visit: Visit,
        seat: Seat,
        connection: Connection,
        code: str | None,
        status: int = 200,
        fault: str | None = None,
        sight: Sight | None = None,
        done: Mapping[str, str] | None = None,
    ) -> Response:
        city = learning.needed(connection)
        rows = convened.convened(connection, seat.token.office, LISTED)
        between = convened.between(connection, rows)
        items = [Item(row, convened.since(row), between[row["code"]]) for row in rows]
        sight = sight or (look_as(seat.token, connection, code) if code else None)
        decided = sight if sight is not None and sight.case.status != "convened" else None
        if sight is None or decided:
            sight = look_as(seat.token, connection, items[0].row["code"]) if items else None
        return draw(
            visit,
            seat,
            city,
            "coordinator/convened.html",
            status,
            **_shown(connection, sight, city, visit.words.language) if sight else {"view": None},
            items=items,
            total=convened.count_convened(connection, seat.token.office),
            now=self.relay.clock.now(),
            here="/desk/convened",
            done=done,
            fault="decided" if fault and decided else fault,
            decided=views.ticket(connection, decided) if decided else None,
            form=visit.form if fault and not decided else {},
        )


def _shown(connection: Connection, sight: Sight, city: Directory, language: str) -> dict[str, Any]:
    """Everything to decide a report by."""
    sight.require(Action.FULL_VIEW)
    case, view = sight.case, views.ticket(connection, sight)
    silent = frozenset(each.code for each in city.offices.values() if each.kind in ("coordinator", "front-desk"))
    heard = sides(view["history"], view["notes"], silent)
    involved = [each for each in heard if city.can_hold(each.office) and each.office not in case.named]
    return {
        "view": view,
        "why": convened.why(connection, case),
        "sides": heard,
        "shown": photos.shown(view),
        "place": place_of(case.code),
        "citizen": [each for each in view["notes"] if each["office"] is None],
        "assigns": sight.may(Action.ASSIGN),
        "involved": involved,
        "others": _others(city, case.named, involved),
        "reasons": [(code, getattr(REASONS[code], language)) for code in reasons_for("assign")],
    }


def _others(city: Directory, named: tuple[str, ...], involved: list[Side]) -> list[Any]:
    apart = {*named, *(each.office for each in involved)}
    able = (each for each in city.offices.values() if city.can_hold(each.code) and each.code not in apart)
    return sorted(able, key=lambda each: each.name.casefold())


def _done(connection: Connection, seat: Seat, code: str | None) -> dict[str, str] | None:
    """What was just decided, as the report says it itself."""
    if not code:
        return None
    try:
        sight = look_as(seat.token, connection, code)
    except Problem:
        return None
    if sight.case.bound_by is None:
        return None
    return {"code": sight.case.code, "office": sight.directory.name(sight.case.holder)}
