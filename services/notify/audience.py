"""Who must be told of an event, and with which message. Rules alone: no storage, no wording, no sending.

Nobody is told twice of one event, whatever roles they have in it; nobody is told of what they did themselves; an office
that the report is about is never told anything; and an office hears nothing of a confidential report but its code and
category. The front desk hears nothing of the routing it passes reports on by: that is its everyday work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from services.notify.directory import Directory
from services.notify.messages import CONFIDENTIAL, REPORTER, Message


@dataclass(frozen=True, slots=True)
class News:
    """An event as the rules see it: its data, and how the report stands (by the event, or by the last we heard)."""

    data: Mapping[str, Any]
    ticket: Mapping[str, Any]
    directory: Directory

    def reporter(self, template: str, **facts: Any) -> Message:
        return Message("reporter", REPORTER, template, self._standing() | facts)

    def office(self, code: str, template: str, **facts: Any) -> Message:
        return Message("office", code, template, self._standing() | facts)

    def coordinator(self, code: str, template: str, **facts: Any) -> Message:
        return Message("coordinator", code, template, self._standing() | facts)

    def _standing(self) -> dict[str, Any]:
        """What every message says, whatever happened: who holds the report, and by when."""
        return {name: self.ticket[name] for name in ("holder", "status", "resolve_by", "coordinator")}

    def is_front_desk(self, code: str) -> bool:
        return code == self.directory.front_desk

    def facts(self, *names: str) -> dict[str, Any]:
        return {name: self.data[name] for name in names}


Rule = Callable[[News], Iterator[Message]]
_RULES: dict[str, Rule] = {}


def audience(name: str, data: Mapping[str, Any], ticket: Mapping[str, Any], directory: Directory) -> list[Message]:
    """The messages that an event calls for, the most important first.

    ``ticket`` is how the report stands: the event's own, or, for deadlines, which carry none, the last one known.
    An event that nobody needs to hear of, or a name unknown here, calls for none.
    """
    rule = _RULES.get(name)
    if rule is None:
        return []
    told: dict[str, Message] = {}
    for message in rule(News(data, ticket, directory)):
        if _may_be_told(message, ticket):
            told.setdefault(message.recipient, _discreet(message, ticket))
    return list(told.values())


def agency_message(data: Mapping[str, Any]) -> Message:
    """The message of the private ``referral.packaged``: what the reporter let us share, to the agency alone."""
    return Message("agency", data["agency"], "referral-packaged-agency", {"referral": data["referral"]})


def _may_be_told(message: Message, ticket: Mapping[str, Any]) -> bool:
    if message.audience == "reporter":
        return bool(ticket["reachable"])
    return message.recipient not in ticket["named"]


def _discreet(message: Message, ticket: Mapping[str, Any]) -> Message:
    if message.audience == "reporter" or not ticket["confidential"]:
        return message
    return Message(message.audience, message.recipient, CONFIDENTIAL)


def _on(name: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        _RULES[name] = rule
        return rule

    return register


@_on("ticket.opened")
def _opened(news: News) -> Iterator[Message]:
    yield news.reporter("ticket-opened-reporter")


@_on("handoff.offered")
def _offered(news: News) -> Iterator[Message]:
    receiver = news.data["receiver"]
    facts = news.facts("sender", "receiver", "reason", "words", "accept_by", "because")
    yield news.office(receiver, "handoff-offered-receiver", **facts)
    yield news.reporter("handoff-offered-reporter", **news.facts("receiver", "accept_by"))


@_on("handoff.accepted")
def _accepted(news: News) -> Iterator[Message]:
    receiver, sender = news.data["receiver"], news.data["sender"]
    yield news.reporter("handoff-accepted-reporter", holder=receiver)
    if sender != receiver and not news.is_front_desk(sender):
        yield news.office(sender, "handoff-accepted-sender", receiver=receiver)


@_on("handoff.refused")
def _refused(news: News) -> Iterator[Message]:
    facts = news.facts("office", "reason", "words", "right_office")
    if news.data["sender"] != news.data["office"] and not news.is_front_desk(news.data["sender"]):
        yield news.office(news.data["sender"], "handoff-refused-sender", **facts)
    yield news.reporter("handoff-refused-reporter", **facts)


@_on("handoff.withdrawn")
def _withdrawn(news: News) -> Iterator[Message]:
    receiver = news.data["receiver"]
    if receiver and receiver != news.data["sender"]:
        yield news.office(receiver, "handoff-withdrawn-receiver", **news.facts("sender"))


@_on("handoff.lapsed")
def _lapsed(news: News) -> Iterator[Message]:
    sender, receiver = news.data["sender"], news.data["receiver"]
    yield news.office(receiver, "handoff-lapsed-receiver", sender=sender, receiver=receiver)
    if not news.is_front_desk(sender):
        yield news.office(sender, "handoff-lapsed-sender", receiver=receiver)


@_on("ticket.convened")
def _convened(news: News) -> Iterator[Message]:
    coordinator, holder = news.data["coordinator"], news.ticket["holder"]
    facts = news.facts("coordinator", "involved")
    yield news.coordinator(coordinator, "ticket-convened-coordinator", **facts, **news.facts("because"))
    yield news.office(holder, "ticket-convened-holder", coordinator=coordinator)
    yield news.reporter("ticket-convened-reporter", **facts)


@_on("ticket.assigned")
def _assigned(news: News) -> Iterator[Message]:
    receiver, sender, coordinator = news.data["receiver"], news.data["sender"], news.data["coordinator"]
    facts = news.facts("coordinator", "reason", "words")
    if receiver != coordinator:
        yield news.office(receiver, "ticket-assigned-receiver", **facts)
    if sender not in (receiver, coordinator) and not news.is_front_desk(sender):
        yield news.office(sender, "ticket-assigned-sender", receiver=receiver, coordinator=coordinator)
    yield news.reporter("ticket-assigned-reporter", receiver=receiver, **facts)


@_on("ticket.paused")
def _paused(news: News) -> Iterator[Message]:
    yield news.reporter("ticket-paused-reporter", **news.facts("office", "reason", "words", "until"))


@_on("ticket.resolved")
def _resolved(news: News) -> Iterator[Message]:
    yield news.reporter("ticket-resolved-reporter", **news.facts("office", "reason", "words"))


@_on("ticket.reopened")
def _reopened(news: News) -> Iterator[Message]:
    yield news.office(news.data["office"], "ticket-reopened-office", objections=news.ticket["objections"])


@_on("ticket.closed")
def _closed(news: News) -> Iterator[Message]:
    yield news.reporter("ticket-closed-reporter", **news.facts("how"))
    yield news.office(news.ticket["holder"], "ticket-closed-holder", **news.facts("how"))


@_on("note.added")
def _noted(news: News) -> Iterator[Message]:
    """A note goes to the other side: the reporter's to the offices at work on it, an office's to the others."""
    author = news.data["office"]
    if author and news.data["public"]:
        yield news.reporter("note-added-reporter", office=author)
    if author != news.ticket["holder"]:
        yield news.office(news.ticket["holder"], "note-added-office", author=author)
    coordinator = news.ticket["coordinator"]
    if coordinator and author != coordinator:
        yield news.coordinator(coordinator, "note-added-office", author=author)


@_on("referral.opened")
def _referred(news: News) -> Iterator[Message]:
    """The camat of the place is told; without a place, the coordinator above the office that refers."""
    office, agency = news.data["office"], news.data["agency"]
    yield news.reporter("referral-opened-reporter", **news.facts("office", "agency", "fields_shared"))
    of_place = news.directory.coordinators_of(news.ticket["place"])
    ladder = chain(of_place, news.directory.coordinators_above(office))
    above = next((each for each in ladder if each not in news.ticket["named"]), None)
    if above:
        yield news.coordinator(above, "referral-opened-coordinator", office=office, agency=agency)


@_on("referral.answered")
def _answered(news: News) -> Iterator[Message]:
    facts = news.facts("agency", "receipt", "outcome", "words")
    yield news.reporter("referral-answered-reporter", **facts)
    yield news.office(news.ticket["holder"], "referral-answered-office", **facts)


@_on("deadline.near")
def _near(news: News) -> Iterator[Message]:
    clock, due = news.data["clock"], news.data["due"]
    if not _still_rings(news):
        return
    if clock == "silence":
        yield news.reporter("deadline-near-reporter", due=due)
    elif clock != "loop":
        yield news.office(news.data["office"] or news.ticket["holder"], "deadline-near-office", clock=clock, due=due)


@_on("deadline.passed")
def _passed(news: News) -> Iterator[Message]:
    """``accept`` and ``silence`` are told by what follows from them: handoff.lapsed, ticket.convened, ticket.closed."""
    clock, due, coordinator = news.data["clock"], news.data["due"], news.data["coordinator"]
    if not _still_rings(news) or clock in ("accept", "silence"):
        return
    if clock == "loop":
        yield news.reporter("deadline-passed-reporter")
        return
    office = news.data["office"] or news.ticket["holder"]
    yield news.office(office, "deadline-passed-office", clock=clock, due=due, coordinator=coordinator)
    if coordinator and clock != "referral":
        yield news.coordinator(coordinator, "deadline-passed-coordinator", clock=clock, due=due, office=office)


def _still_rings(news: News) -> bool:
    """Whether a clock still means what it says; what happened meanwhile may have stopped it while it was on its way."""
    clock, status, office = news.data["clock"], news.ticket["status"], news.data["office"]
    if clock == "silence":
        return bool(status == "resolved")
    if status in ("resolved", "closed"):
        return False
    if clock == "accept":
        return bool(status == "offered")
    return clock != "hold" or office is None or bool(office == news.ticket["holder"])


#: The events told of here: what ``audience`` has a rule for.
TOLD = frozenset(_RULES)
