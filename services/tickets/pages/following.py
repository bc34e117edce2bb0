"""A report as its page shows it: who holds it now, the line of its way, and what its reporter may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from estafet.events.fields import SHAREABLE
from estafet.relay.work import Works
from estafet.web import Problem
from services.tickets import learning, views
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import MISS, Sight, answered, look_with, read_code
from services.tickets.pages import keys, qr, sharing
from services.tickets.pages.addresses import path_of
from services.tickets.pages.photos import shown
from services.tickets.pages.stations import stations
from services.tickets.pages.visit import Visit, page
from services.tickets.rating.ratings import ratable

#: What was just done, as the address says after a form was taken.
_DONE = ("note", "confirm", "object", "consent", "rate")


class Following:
    relay: Works
    public_url: str

    @page("GET", "/t/<code>", "Follow a report: its public page, or more with its key", miss=MISS)
    def follow_page(self, visit: Visit, code: str) -> Response:
        return drawn(self.relay, visit, code, "follow.html")

    @page("GET", "/t/<code>/now", "What changes on that page", miss=MISS)
    def follow_now(self, visit: Visit, code: str) -> Response:
        return drawn(self.relay, visit, code, "follow-now.html")

    @page("GET", "/t/<code>/receipt", "The receipt, with code, key and a picture of both", miss=MISS)
    def receipt_page(self, visit: Visit, code: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            visit.code = read_code(code, learning.needed(connection))
            sight = seen(visit, connection)
            sight.require(Action.RECEIPT)
            facts = facts_of(views.ticket(connection, sight), sight, self.relay.clock.now())
        secret = keys.kept(visit)
        link = f"{self.public_url}{path_of(visit.code)}#{secret}"
        return visit.draw("receipt.html", city=sight.directory, **facts, secret=secret, link=link, picture=qr.svg(link))


def drawn(
    works: Works, visit: Visit, text: str, template: str, reply: str = "", faults: Mapping[str, str] | None = None
) -> Response:
    """The page of a report, or its changing part; with ``faults``, what is wrong with the reply that was sent."""
    with answered(), works.database.read() as connection:
        code = visit.code = read_code(text, learning.needed(connection))
        if code != text:
            return visit.go(path_of(code))
        sight = seen(visit, connection)
        facts = facts_of(views.ticket(connection, sight), sight, works.clock.now())
    done = visit.request.args.get("done")
    facts |= {"length": sight.length, "done": done if done in _DONE else None}
    status = 422 if faults else 200
    return visit.draw(template, status, city=sight.directory, **facts, reply=reply, faults=faults or {})


def seen(visit: Visit, connection: Connection) -> Sight:
    """The report as this browser may see it. A key that opens it no longer is as none: it was erased.

    Raises:
        Problem: ``not-found``.
    """
    assert visit.code is not None
    try:
        return look_with(keys.kept(visit), connection, visit.code)
    except Problem as problem:
        if problem.kind.slug != "wrong-token":
            raise
        return look_with(None, connection, visit.code)


def facts_of(view: Mapping[str, Any], sight: Sight, now: datetime) -> dict[str, Any]:
    """What templates are given of a report, besides the city."""
    city = sight.directory
    desk = city.front_desk
    return {
        "view": view,
        "coordinator": city.name(sight.case.coordinator) if sight.case.coordinator else None,
        "first": view["holder"]["code"] == desk,
        "line": stations(view["history"], (desk, city.name(desk))),
        "shown": shown(view),
        "mine": sight.may(Action.RECEIPT),
        "agencies": sharing.agencies(sight.case, city) if sight.may(Action.CONSENT) else (),
        "shareable": SHAREABLE,
        "ratable": sight.may(Action.RATE) and ratable(sight.case),
        "now": now,
    }
