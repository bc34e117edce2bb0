"""The contract registry: one table of every event, from which everything else about events is generated.

The broker's definitions, AsyncAPI, JSON Schema, the docs table and the golden tests all come from ``CONTRACTS``
(:mod:`estafet.events.documents`), so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema

from estafet.events import intake, notify, routing, tickets


@dataclass(frozen=True, slots=True)
class Contract:
    """An event: who publishes it, what it carries, and who must listen (``service.handler``)."""

    name: str
    publisher: str
    schema: type[Schema]
    summary: str
    listeners: tuple[str, ...] = ()
    private: bool = False
    version: int = 1

    @property
    def exchange(self) -> str:
        """nameko's own convention, so that ``@event_handler(publisher, name)`` in any nameko app just works."""
        return f"{self.publisher}.private" if self.private else f"{self.publisher}.events"

    @property
    def personal(self) -> bool:
        """Whether its data may hold what people gave or wrote of themselves."""
        return self.private or self.publisher == "intake"

    @property
    def public(self) -> bool:
        """Whether other apps may listen: the broker lets them bind to ``tickets.events`` alone."""
        return self.exchange == "tickets.events"

    @property
    def key(self) -> str:
        """What the event of this version is called: ``handoff.offered.v1``."""
        return f"{self.name}.v{self.version}"

    @property
    def type(self) -> str:
        return f"id.estafet.{self.key}"

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(queue_name(self.publisher, self.name, listener) for listener in self.listeners)

    def load(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """An event's data as Python values.

        Raises:
            marshmallow.ValidationError: it is not as agreed.
        """
        loaded: dict[str, Any] = _instance(self.schema).load(data)
        return loaded

    def dump(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Python values as what JSON holds, without what the schema does not know.

        Raises:
            ValueError: a reader would refuse it.
        """
        dumped: dict[str, Any] = _instance(self.schema).dump(data)
        errors = _instance(self.schema).validate(dumped)
        if errors:
            raise ValueError(f"{self.name} does not satisfy its schema: {errors}")
        return dumped


@cache
def _instance(schema: type[Schema]) -> Schema:
    """One for all: making one takes longer than using it."""
    return schema()


def queue_name(publisher: str, event: str, listener: str) -> str:
    """The queue's name as nameko gives it to a ``service_pool`` handler (``nameko/events.py``)."""
    return f"evt-{publisher}-{event}--{listener}"


_ROUTE = "routing.route"
_WATCH = "routing.watch"
_TELL = "notify.tell"
_REMEMBER = "notify.remember"

CONTRACTS: tuple[Contract, ...] = (
    Contract(
        "report.submitted",
        "intake",
        intake.ReportSubmitted,
        "A citizen's report, from any app.",
        ("tickets.submit",),
    ),
    Contract("report.accepted", "tickets", tickets.ReportAccepted, "A report was accepted and has a code."),
    Contract("report.rejected", "tickets", tickets.ReportRejected, "A report was not accepted, and why."),
    Contract(
        "ticket.opened",
        "tickets",
        tickets.TicketOpened,
        "A report is held by the front desk.",
        (_ROUTE, _TELL),
    ),
    Contract(
        "handoff.requested",
        "tickets",
        tickets.HandoffRequested,
        "The holder asks for another office.",
        (_ROUTE,),
    ),
    Contract(
        "handoff.offered",
        "tickets",
        tickets.HandoffOffered,
        "An office is asked to take it.",
        (_WATCH, _TELL),
    ),
    Contract("handoff.accepted", "tickets", tickets.HandoffAccepted, "It has a new holder.", (_WATCH, _TELL)),
    Contract(
        "handoff.refused",
        "tickets",
        tickets.HandoffRefused,
        "The office asked says no, and whose it is.",
        (_ROUTE, _TELL),
    ),
    Contract(
        "handoff.withdrawn",
        "tickets",
        tickets.HandoffWithdrawn,
        "The holder takes the request back.",
        (_WATCH, _TELL),
    ),
    Contract(
        "handoff.lapsed",
        "tickets",
        tickets.HandoffLapsed,
        "The office asked did not answer in time.",
        (_ROUTE, _TELL),
    ),
    Contract("referral.opened", "tickets", tickets.ReferralOpened, "An outside agency is asked.", (_WATCH, _TELL)),
    Contract(
        "referral.answered",
        "tickets",
        tickets.ReferralAnswered,
        "The outside agency answered.",
        (_WATCH, _TELL),
    ),
    Contract("ticket.convened", "tickets", tickets.TicketConvened, "A coordinator has to decide.", (_WATCH, _TELL)),
    Contract(
        "ticket.assigned",
        "tickets",
        tickets.TicketAssigned,
        "A coordinator decided; it binds.",
        (_WATCH, _TELL),
    ),
    Contract("ticket.paused", "tickets", tickets.TicketPaused, "The holder's own clock waits.", (_WATCH, _TELL)),
    Contract("ticket.resolved", "tickets", tickets.TicketResolved, "The holder says it is done.", (_WATCH, _TELL)),
    Contract("ticket.reopened", "tickets", tickets.TicketReopened, "The citizen objected.", (_ROUTE, _TELL)),
    Contract(
        "ticket.closed",
        "tickets",
        tickets.TicketClosed,
        "Confirmed by the citizen, or by silence.",
        (_WATCH, _TELL),
    ),
    Contract("note.added", "tickets", tickets.NoteAdded, "Somebody entitled to added a note.", (_TELL,)),
    Contract(
        "reporter.given",
        "tickets",
        tickets.ReporterGiven,
        "How to reach the reporter.",
        (_REMEMBER,),
        private=True,
    ),
    Contract(
        "reporter.erased",
        "tickets",
        tickets.ReporterErased,
        "Forget the reporter.",
        (_REMEMBER,),
        private=True,
    ),
    Contract(
        "referral.packaged",
        "tickets",
        tickets.ReferralPackaged,
        "What the agency is given.",
        (_REMEMBER,),
        private=True,
    ),
    Contract(
        "handoff.routed",
        "routing",
        routing.HandoffRouted,
        "An office that may be asked.",
        ("tickets.decide",),
    ),
    Contract(
        "handoff.blocked",
        "routing",
        routing.HandoffBlocked,
        "A coordinator has to be convened.",
        ("tickets.decide",),
    ),
    Contract(
        "deadline.near",
        "routing",
        routing.DeadlineNear,
        "A clock is about to run out.",
        ("tickets.clock", _TELL),
    ),
    Contract("deadline.passed", "routing", routing.DeadlinePassed, "A clock ran out.", ("tickets.clock", _TELL)),
    Contract(
        "directory.published",
        "routing",
        routing.DirectoryPublished,
        "Offices and services.",
        ("tickets.learn", _REMEMBER),
    ),
    Contract("notification.sent", "notify", notify.NotificationSent, "Somebody was told.", ("tickets.record",)),
    Contract(
        "notification.failed",
        "notify",
        notify.NotificationFailed,
        "Somebody could not be told.",
        ("tickets.record",),
    ),
)

_BY_NAME = {(each.name, each.version): each for each in CONTRACTS}


def contract(name: str, version: int = 1) -> Contract:
    """The contract of an event.

    Raises:
        KeyError: there is no such event.
    """
    return _BY_NAME[name, version]
