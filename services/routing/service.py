"""The routing service: it is asked by events, answers by events, and keeps time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from estafet.events import Event
from estafet.relay.extensions import Relay, Tidying, every, subscribe
from estafet.relay.work import Work, Works
from estafet.web.probes import Check, Probes
from services.routing import handlers, timekeeping


class Routing(Probes, Tidying):
    name = "routing"
    about = "Who should hold a report next, by when, and whether a handoff is allowed at all."
    relay = cast(Works, Relay())

    @subscribe(prepare=handlers.lock_reports)
    def route(self, event: Event, work: Work) -> None:
        handlers.route(event, work)

    @subscribe(prepare=handlers.lock_reports)
    def watch(self, event: Event, work: Work) -> None:
        handlers.watch(event, work)

    @every(seconds=1)
    def sweep(self) -> None:
        timekeeping.sweep(self.relay)

    def readiness(self) -> Mapping[str, Check]:
        return {**super().readiness(), "city": self._check_city}

    def _check_city(self) -> None:
        with self.relay.database.read() as connection:
            handlers.loaded(connection)
