"""Keeping every report's clocks: set after each event, rung when their time has come, set anew for a new calendar."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping

from estafet.events import Event
from estafet.relay.work import Work, Works
from services.routing import store
from services.routing.case import after
from services.routing.cases import Cases
from services.routing.city.directory import Directory
from services.routing.city.in_force import InForce, in_force

#: Reports or clocks taken in one transaction.
BATCH = 200


def keep(work: Work, event: Event, known: InForce, promised: datetime | None = None) -> None:
    """Remember an event and set the report's clocks by it."""
    cases = Cases.of(work)
    cases.keep(after(cases.find(event.subject or ""), event, promised), known)


def sweep(works: Works) -> None:
    """Ring the clocks whose time has come; after a new city was loaded, set them anew. Replicas share the work."""
    with works.database.read() as connection:
        known = in_force(connection)
        outdated = known is not None and bool(store.outdated_cases(connection, known.number, limit=1))
        rings = store.is_ringing(connection, works.clock.now())
    if known is None:
        return
    while outdated:
        with works.begin() as work:
            outdated = reset(work, known) == BATCH
    while rings:
        with works.begin() as work:
            rings = ring(work, known.directory) == BATCH


def ring(work: Work, directory: Directory) -> int:
    """Say which clocks are near their end or past it. Answers how many there were; each says each thing once."""
    ringing = store.ringing(work.connection, work.now, BATCH)
    for clock in ringing:
        passed = clock["due"] <= work.now
        _say("deadline.passed" if passed else "deadline.near", clock, work)
        if passed and clock["clock"] == "loop":
            again = directory.deadlines.time.end(work.now, directory.city.policy.loop)
            store.wind(work, clock, next_at=again, due=again)
        else:
            store.wind(work, clock, next_at=None if passed else clock["due"], due=clock["due"])
    return len(ringing)


def reset(work: Work, known: InForce) -> int:
    """Work out the clocks of some reports anew, when the city was loaded since. Answers how many.

    The citizen's deadline stays: it was promised. So does the time to accept of an offer already made.
    """
    tickets = store.outdated_cases(work.connection, known.number, BATCH)
    store.lock(work.connection, tickets)
    cases = Cases.of(work)
    cases.load(tickets)
    for ticket in tickets:
        case = cases.find(ticket)
        if case is not None:
            cases.keep(case, known)
    return len(tickets)


def _say(name: str, clock: RowMapping, work: Work) -> None:
    work.emit(
        name,
        {
            "clock": clock["clock"],
            "ticket_version": clock["version"],
            "due": clock["due"],
            "office": clock["office"],
            "coordinator": clock["coordinator"],
            "handoff": clock["handoff"],
            "referral": clock["referral"] or None,
        },
        subject=clock["ticket"],
        subjectversion=clock["version"],
        correlationid=clock["correlation"],
        causationid=clock["cause"],
        confidential=clock["confidential"],
    )
