"""What is late, by office; what waits for each coordinator; and how it went, week by week."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets import learning
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import answered
from services.tickets.directory import Directory
from services.tickets.pages.coordinator import sheets
from services.tickets.pages.coordinator.frame import counts_confidential, draw, require
from services.tickets.pages.coordinator.sparkline import line
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.visit import Visit
from services.tickets.signin.sessions import Seat
from services.tickets.statistics import overdue, trend
from services.tickets.statistics.overdue import Late

#: What is drawn of each week.
MEASURES = ("opened", "resolved", "overdue", "refused", "convened")


class OverduePages:
    relay: Works
    public_url: str

    @desk_page("GET", "/overdue", "What is late by office, and how it went week by week")
    def overdue_page(self, visit: Visit, seat: Seat) -> Response:
        require(seat, Action.SUMS)
        now, confidential = self.relay.clock.now(), counts_confidential(seat)
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
            found = overdue.overdue(connection, now, confidential)
            waiting = overdue.waiting(connection, confidential)
            weeks = trend.trend(connection, now, ZoneInfo(city.timezone))
        below = _below(found, seat.token.office, city)
        whole = seat.token.office is None or visit.request.args.get("all") == "1"
        shown = found if whole else below
        return draw(
            visit,
            seat,
            city,
            "coordinator/sums/overdue.html",
            now=now,
            late=[each for each in shown if each.overdue],
            held=sum(each.held for each in shown),
            overdue=sum(each.overdue for each in shown),
            whole=whole,
            ranked=seat.token.office is not None,
            waiting=waiting,
            weeks=weeks,
            lines={name: line([getattr(each, name) for each in weeks]) for name in MEASURES},
        )

    @desk_page("GET", "/overdue.csv", "What is late by office, as a table to save")
    def overdue_sheet(self, visit: Visit, seat: Seat) -> Response:
        require(seat, Action.SUMS)
        with answered(), self.relay.database.read() as connection:
            found = overdue.overdue(connection, self.relay.clock.now(), counts_confidential(seat))
        return sheets.respond("overdue", sheets.overdue(found))


def _below(found: list[Late], coordinator: str | None, city: Directory) -> list[Late]:
    """Of the offices below a coordinator by the ladder, and of its own: a kecamatan holds reports too."""
    return [
        each
        for each in found
        if coordinator and (each.office == coordinator or city.is_above(coordinator, each.office))
    ]
