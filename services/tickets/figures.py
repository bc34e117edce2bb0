"""Custody in numbers, for Prometheus: what became of reports, at which office, and how long it took.

What happens is counted by the process that commits it, so replicas add up. What waits is read from the tables, so each
replica says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import Connection, bindparam, func, select

from estafet.events import made_at
from estafet.relay.work import Work
from services.tickets.custody.case import Case, Outcome
from services.tickets.tables import tickets

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_BUCKETS = (_MINUTE, 10 * _MINUTE, _HOUR, 4 * _HOUR, 8 * _HOUR, *(days * _DAY for days in (1, 2, 3, 5, 7, 14, 30, 60)))

happened = Counter("estafet_custody", "What happened to reports, by the event that says it.", ["event"])
acceptance = Histogram(
    "estafet_acceptance_seconds",
    "From an offer to its acceptance, in seconds, by the office that accepted.",
    ["office"],
    buckets=_BUCKETS,
)
resolution = Histogram(
    "estafet_resolution_seconds",
    "From the opening of a report to its resolution, in seconds, by the office that resolved it.",
    ["office"],
    buckets=_BUCKETS,
)
hops = Histogram(
    "estafet_hops", "Ordinary handoffs that a report had until it was resolved.", buckets=(0, 1, 2, 3, 4, 5, 10)
)
offers = Gauge("estafet_offers_pending", "Offers that wait for an answer, by office.", ["office"])
overdue = Gauge("estafet_offers_overdue", "Of these, the ones past their time to accept.", ["office"])
convened = Gauge("estafet_convened_pending", "Reports that wait for a coordinator's decision.", ["coordinator"])


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a report: its event, and what can be measured of it."""

    event: str
    office: str
    #: Seconds from the offer, of an acceptance.
    accepted_after: float | None = None
    #: Seconds from the opening, and ordinary handoffs until then, of a resolution.
    resolved_after: float | None = None
    hops: int = 0


def facts(before: Case, outcome: Outcome, opened_at: datetime, now: datetime) -> list[Fact]:
    """What an outcome comes to in numbers."""
    found = []
    for said in outcome.said:
        office, fact = outcome.case.holder, Fact(said.name, outcome.case.holder)
        if said.name == "handoff.accepted" and before.pending and (offered := made_at(before.pending.offered or "")):
            fact = Fact(said.name, office, accepted_after=_seconds(offered, now))
        elif said.name == "ticket.resolved":
            fact = Fact(said.name, office, resolved_after=_seconds(opened_at, now), hops=outcome.case.hops)
        found.append(fact)
    return found


def observe(work: Work, before: Case, outcome: Outcome, opened_at: datetime) -> None:
    """Count what an outcome comes to, once it is committed."""
    found = facts(before, outcome, opened_at, work.now)
    work.after_commit(lambda: _count(found))


def _count(found: list[Fact]) -> None:
    for fact in found:
        happened.labels(fact.event).inc()
        if fact.accepted_after is not None:
            acceptance.labels(fact.office).observe(fact.accepted_after)
        if fact.resolved_after is not None:
            resolution.labels(fact.office).observe(fact.resolved_after)
            hops.observe(fact.hops)


def _seconds(since: datetime, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0)


_OFFERED = (
    select(
        tickets.c.offered_to,
        func.count(),
        func.count().filter(tickets.c.accept_by < bindparam("now", type_=tickets.c.accept_by.type)),
    )
    .where(tickets.c.offered_to.is_not(None))
    .group_by(tickets.c.offered_to)
)
_CONVENED = (
    select(tickets.c.coordinator, func.count())
    .where(tickets.c.coordinator.is_not(None))
    .group_by(tickets.c.coordinator)
)


def measure(connection: Connection, now: datetime) -> None:
    """Set the gauges by what waits now. Both queries read an index, as much of it as waits."""
    waiting = {row[0]: (row[1], row[2]) for row in connection.execute(_OFFERED, {"now": now})}
    _set(offers, {office: count for office, (count, _) in waiting.items()})
    _set(overdue, {office: late for office, (_, late) in waiting.items()})
    _set(convened, {row[0]: row[1] for row in connection.execute(_CONVENED)})


def _set(gauge: Gauge, values: Mapping[str, Any]) -> None:
    """An office that nothing waits for any more is not there: its alert clears."""
    gauge.clear()
    for name, value in values.items():
        gauge.labels(name).set(value)
