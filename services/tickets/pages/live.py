"""The stream that tells an open page of a report when to look again (server-sent events)."""

from __future__ import annotations

from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from werkzeug.wrappers import Response

from estafet.relay.extensions import every
from estafet.relay.work import Works
from estafet.web.streaming import stream
from services.tickets import learning
from services.tickets.access.sight import MISS, answered, read_code
from services.tickets.pages.following import seen
from services.tickets.pages.forms import number
from services.tickets.pages.visit import Visit, page
from services.tickets.pages.watching import Watchers


class Watching(DependencyProvider):
    """Gives the service the open pages of one kind in this process, and ends their streams when it stops."""

    def __init__(self, kind: type[Watchers]) -> None:
        self._watchers = kind()

    def get_dependency(self, worker_ctx: WorkerContext) -> Watchers:
        return self._watchers

    def stop(self) -> None:
        self._watchers.end()


class Live:
    relay: Works
    public_url: str
    watchers: Watchers

    @page("GET", "/t/<code>/events", "Be told when there is something new of it", miss=MISS)
    def follow_events(self, visit: Visit, code: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            visit.code = read_code(code, learning.needed(connection))
            sight = seen(visit, connection)
        return stream(visit.request, self.watchers.told(sight.case.code, seen_at(visit, "length", sight.length)))

    @every(seconds=1)
    def tell_watchers(self) -> Any:
        if self.watchers:
            with self.relay.database.read() as connection:
                self.watchers.look(connection, self.relay.clock.now())


def seen_at(visit: Visit, name: str, otherwise: int) -> int:
    """Up to where the page was drawn, as it says itself: what came between it and its stream is told at once."""
    drawn = number(visit.request.args.get(name), 15)
    return otherwise if drawn is None else drawn
