"""The desk: an office's reports, list by list."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web.schemas import load
from services.tickets import codes, learning, worklist
from services.tickets.access.entitlement import Action, may, standing
from services.tickets.access.sight import answered, refusal
from services.tickets.api import schemas
from services.tickets.codes import Mistyped
from services.tickets.directory import Directory
from services.tickets.pages.desk.addresses import list_address, place_of
from services.tickets.pages.desk.frame import draw
from services.tickets.pages.desk.news import milliseconds
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.visit import Visit
from services.tickets.signin.sessions import Seat

#: The lists with a tab of their own, in this order. What awaits a coordinator has a page of its own.
TABS = ("offered", "held", "overdue", "waiting", "guarded")
#: Reports on one page of a list.
LIMIT = 25
#: How the fields of a form are named that tick a report; their value is the version that was seen.
TICK = "take."
#: What was just done to a report that has left the desk with it, as the address says.
_DONE = ("refuse",)


class Lists:
    relay: Works
    public_url: str

    @desk_page("GET", "", "Your office's desk: what is offered to it, held by it, overdue, waits for others, guarded")
    def desk_lists(self, visit: Visit, seat: Seat) -> Response:
        now = self.relay.clock.now()
        given = {name: text for name, text in visit.request.args.items() if text}
        category = given.get("category")
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
            code = _code_of(given.get("q", ""), city)
            if code is not None:
                return visit.go(place_of(code))
            listed = Action.DESK_CONVENED if given.get("list") == "convened" else Action.DESK
            office = office_at(seat, listed)
            asked: dict[str, str] = {name: given[name] for name in ("list", "q", "cursor") if name in given}
            query = load(schemas.DeskQuery, {"list": TABS[0]} | asked)
            which, q = query["list"], query["q"]
            try:
                page = worklist.page(connection, which, office, now, LIMIT, query["cursor"], q, category)
            except worklist.BadCursor:
                return visit.go(list_address(which, q, category))
            counts = worklist.counts(connection, office, now, q, category)
        facts: dict[str, Any] = {
            "which": which,
            "q": q,
            "tabs": [(each, counts[each], list_address(each, q, category)) for each in TABS],
            "convened": counts["convened"],
            "most": worklist.MOST_COUNTED,
            "items": page.items,
            "more": list_address(which, q, category, page.next) if page.next else None,
            "first": list_address(which, q, category) if query["cursor"] else None,
            "category": category,
            "categories": _categories(city, visit.words.language),
            "now": now,
            "since": milliseconds(now),
            "done": given.get("done") if given.get("done") in _DONE else None,
            "tick": TICK,
        }
        return draw(visit, seat, city, "desk/lists/list.html", **facts)


def office_at(seat: Seat, action: Action) -> str:
    """The office that somebody sits for, if their role is entitled to the action.

    Raises:
        Problem: ``not-entitled``.
    """
    office = seat.account.office
    if office is None or not may(standing(seat.token.role), action):
        raise refusal(action)
    return office


def _code_of(text: str, city: Directory) -> str | None:
    """The code, if a whole one is looked for. A word of seven letters could be one, but is a word."""
    if not (any(each.isdigit() for each in text) or text.upper().startswith(city.code_prefix)):
        return None
    try:
        return codes.read(text, city.code_prefix)
    except Mistyped:
        return None


def _categories(city: Directory, language: str) -> list[tuple[str, str]]:
    names = ((each.code, each.name.get(language, each.code)) for each in city.services.values())
    return sorted(names, key=lambda each: each[1].casefold())
