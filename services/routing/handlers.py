"""What routing does with each event, in the transaction that the relay opened for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection

from estafet.events import Event
from estafet.relay.errors import Hopeless, NotYet
from estafet.relay.work import Work
from services.routing import store, timekeeping
from services.routing.cases import Cases
from services.routing.city.directory import NobodyLeft
from services.routing.city.in_force import InForce, in_force
from services.routing.decision import Routed, decide


def lock_reports(events: Sequence[Event], work: Work) -> None:
    """Before a batch: let nobody else work on its reports, and read them."""
    tickets = {event.subject for event in events if event.subject}
    store.lock(work.connection, tickets)
    Cases.of(work).load(tickets)


def route(event: Event, work: Work) -> None:
    """Decide who is asked next, or who has to decide; set the report's clocks.

    A decision on an event that came late is made all the same: it names the version it is about, and whoever knows the
    report to be further on takes no notice of it.
    """
    _check(event)
    known = _loaded(work)
    try:
        decision = decide(event, known.directory, work.now)
    except NobodyLeft as error:
        raise Hopeless("the report names every coordinator: nobody of the city may decide on it") from error
    timekeeping.keep(work, event, known, decision.resolve_by if decision else None)
    if decision is not None:
        work.emit(
            "handoff.routed" if isinstance(decision, Routed) else "handoff.blocked",
            asdict(decision),
            subject=event.subject,
            subjectversion=event.subjectversion,
            confidential=event.data["ticket"]["confidential"],
        )


def watch(event: Event, work: Work) -> None:
    """Set the report's clocks."""
    _check(event)
    timekeeping.keep(work, event, _loaded(work))


def _check(event: Event) -> None:
    """What is remembered of a report, and said of it later, is of a version: without one nobody could read that."""
    if not event.subject or event.subjectversion is None:
        raise Hopeless(f"{event.name} does not say which report it is about, and which version of it")


def loaded(connection: Connection) -> InForce:
    """The directory in force.

    Raises:
        NotYet: no city is loaded.
    """
    known = in_force(connection)
    if known is None:
        raise NotYet("no city is loaded: estafet city load FOLDER")
    return known


def _loaded(work: Work) -> InForce:
    return work.once(loaded, lambda: loaded(work.connection))
