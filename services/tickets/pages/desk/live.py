"""The streams that tell an open desk, and a report open on it, when to look again (server-sent events)."""

from __future__ import annotations

from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from werkzeug.wrappers import Response

from estafet.relay.extensions import every
from estafet.relay.work import Works
from estafet.web.streaming import stream
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import answered, look_as
from services.tickets.pages.desk.lists import office_at
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.desk.watching import DeskWatchers, instant
from services.tickets.pages.visit import Visit
from services.tickets.pages.watching import Watchers
from services.tickets.signin.sessions import Seat


class WatchingDesks(DependencyProvider):
    """Gives the service the open desks of this process, and ends their streams when it stops."""

    def __init__(self) -> None:
        self._watchers = DeskWatchers()

    def get_dependency(self, worker_ctx: WorkerContext) -> DeskWatchers:
        return self._watchers

    def stop(self) -> None:
        self._watchers.end()


class DeskLive:
    relay: Works
    public_url: str
    watchers: Watchers
    desks: DeskWatchers

    @desk_page("GET", "/events", "Be told when something on your desk has changed")
    def desk_events(self, visit: Visit, seat: Seat) -> Response:
        office = office_at(seat, Action.DESK)
        since = _number(visit, "since", instant(self.relay.clock.now()))
        return stream(visit.request, self.desks.told(office, since))

    @desk_page("GET", "/t/<code>/events", "Be told when there is something new of a report")
    def desk_report_events(self, visit: Visit, seat: Seat, code: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            sight = look_as(seat.token, connection, code)
        return stream(visit.request, self.watchers.told(sight.case.code, _number(visit, "length", sight.length)))

    @every(seconds=1)
    def tell_desks(self) -> Any:
        if self.desks:
            with self.relay.database.read() as connection:
                self.desks.look_back(connection, self.relay.clock.now())


def _number(visit: Visit, name: str, otherwise: int) -> int:
    """What the page says of when it was drawn: what came between it and its stream is told at once."""
    text = visit.request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else otherwise
