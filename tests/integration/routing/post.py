"""Delivers events to routing's handlers as the relay does, and reads what they published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from estafet.events import Event, contract, parse
from estafet.relay import inbox
from estafet.relay.database import Database
from estafet.relay.tables import outbox
from estafet.relay.work import Works
from services.routing import handlers, store
from services.routing.timekeeping import sweep
from tests.unit.routing.reports import NOON


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


class Post:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.works = Works("routing", database, self.clock)

    def deliver(self, *events: Event) -> None:
        """Each event in a transaction of its own, to every handler of ours that listens to it, behind the inbox."""
        for event in events:
            for listener in contract(event.name).listeners:
                if listener.startswith("routing."):
                    self._hand(event, listener)

    def deliver_together(self, events: Iterable[Event], listener: str) -> None:
        """Events in one transaction, as one batch."""
        batch = list(events)
        with self.works.begin() as work:
            handlers.lock_reports(batch, work)
            for event in batch:
                work.cause = event
                self._handler(listener)(event, work)

    def _hand(self, event: Event, listener: str) -> None:
        with self.works.begin() as work:
            if inbox.claim(work.connection, {(listener, event.source, event.id): ""}, work.now):
                handlers.lock_reports([event], work)
                work.cause = event
                self._handler(listener)(event, work)

    @staticmethod
    def _handler(listener: str) -> Any:
        return {"routing.route": handlers.route, "routing.watch": handlers.watch}[listener]

    def pass_by(self, **much: float) -> None:
        self.clock.time += timedelta(**much)

    def sweep(self) -> None:
        sweep(self.works)

    def said(self, name: str | None = None) -> list[Event]:
        """What was published so far, in order."""
        query = select(outbox.c.body).order_by(outbox.c.id)
        with self.database.read() as connection:
            events = [parse(body) for body in connection.execute(query).scalars()]
        return [event for event in events if name is None or event.name == name]

    def rang(self) -> list[tuple[str, str]]:
        """(near or passed, clock) of every deadline event so far."""
        return [
            (event.name.removeprefix("deadline."), event.data["clock"])
            for event in self.said()
            if event.name.startswith("deadline.")
        ]

    def state(self) -> tuple[list[Any], list[Any]]:
        """Every case and every clock, as rows."""
        with self.database.read() as connection:
            cases = connection.execute(select(store.cases).order_by(store.cases.c.ticket)).all()
            key = (store.clocks.c.ticket, store.clocks.c.clock, store.clocks.c.referral)
            clocks = connection.execute(select(store.clocks).order_by(*key)).all()
        return [tuple(row) for row in cases], [tuple(row) for row in clocks]
