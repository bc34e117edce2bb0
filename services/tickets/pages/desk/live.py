"""The streams that tell an open desk, and a report open on it, when to look again (server-sent events)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from estafet.relay.extensions import every
from estafet.relay.work import Works
from estafet.web.streaming import stream
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import answered, look_as
from services.tickets.pages.desk.lists import office_at
from services.tickets.pages.desk.news import milliseconds
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.live import seen_at
from services.tickets.pages.visit import Visit
from services.tickets.pages.watching import Watchers
from services.tickets.signin.sessions import Seat


class DeskLive:
    relay: Works
    public_url: str
    watchers: Watchers
    desks: Watchers

    @desk_page("GET", "/events", "Be told when something on your desk has changed")
    def desk_events(self, visit: Visit, seat: Seat) -> Response:
        office = office_at(seat, Action.DESK)
        since = seen_at(visit, "since", milliseconds(self.relay.clock.now()))
        return stream(visit.request, self.desks.told(office, since))

    @desk_page("GET", "/t/<code>/events", "Be told when there is something new of a report")
    def desk_report_events(self, visit: Visit, seat: Seat, code: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            sight = look_as(seat.token, connection, code)
        return stream(visit.request, self.watchers.told(sight.case.code, seen_at(visit, "length", sight.length)))

    @every(seconds=1)
    def tell_desks(self) -> Any:
        if self.desks:
            with self.relay.database.read() as connection:
                self.desks.look(connection, self.relay.clock.now())
