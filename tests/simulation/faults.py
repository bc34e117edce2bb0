"""Deliberate faults, put into the code by name. The simulation finds each; one that it cannot find it is blind to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from estafet.relay import inbox, outbox
from estafet.relay.consumer import Consumer
from estafet.relay.publisher import Publisher
from estafet.relay.receiver import Letter
from estafet.relay.work import Work
from services.routing import decision as routing
from services.tickets import checks, convening, decision, ending, handoff
from services.tickets import custody as custody_rules
from services.tickets.case import Case
from services.tickets.recording import Recorder

Change = tuple[Any, str, Any]


def _ack_before_commit() -> Iterator[Change]:
    def handle(self: Any, connection: Any, messages: Any) -> None:
        connection.ack(messages)
        self._receiver.handle([self._delivery(message) for message in messages])

    yield Consumer, "_handle", handle


def _inbox_key_without_subscription() -> Iterator[Change]:
    yield Letter, "key", property(lambda self: ("", self.event.source, self.event.id))


def _inbox_key_without_source() -> Iterator[Change]:
    yield Letter, "key", property(lambda self: (self.subscription.name, "", self.event.id))


def _inbox_off() -> Iterator[Change]:
    def claim(connection: Any, keys: Any, now: Any) -> set[Any]:
        real(connection, keys, now)
        return set(keys)

    real = inbox.claim
    yield inbox, "claim", claim


def _stale_decision_applied() -> Iterator[Change]:
    yield decision, "_stale", lambda case, decided: case.status == "closed"


def _deadline_reset_on_handoff() -> Iterator[Change]:
    def with_policy(case: Case, decided: Any) -> Case:
        return replace(case, resolve_by=decided.resolve_by, hop_budget=decided.hop_budget)

    def resolve_by(question: Any) -> Any:
        service = question.directory.service(question.ticket.category)
        return question.directory.deadlines.resolve_by(question.now, service.deadline if service else None)

    yield decision, "_with_policy", with_policy
    yield routing, "_resolve_by", resolve_by


def _outbox_skipped_for_one_event() -> Iterator[Change]:
    def flush(self: Any) -> int:
        self._emitted[:] = [event for event in self._emitted if event.name != "handoff.accepted"]
        return real(self)

    real = Work.flush
    yield Work, "flush", flush


def _outbox_bypassed() -> Iterator[Change]:
    """Commit, then publish: the rows count as published when they are written, and leave after the commit."""

    def pending(self: Any, after: str, unrouted: bool) -> Any:
        rows = real(self, after, unrouted)
        with self._database.begin() as connection:
            outbox.mark_published(connection, [row.id for row in rows], self._works.clock.now(), True)
        return rows

    real = Publisher._pending
    yield Publisher, "_pending", pending


def _published_before_confirm() -> Iterator[Change]:
    def publish(self: Any, rows: Any, outcome: Any) -> int:
        return real(self, rows, replace(outcome, confirmed=frozenset(row.id for row in rows)))

    real = Publisher._mark
    yield Publisher, "_mark", publish


def _seen_dropped() -> Iterator[Change]:
    yield handoff, "joined", lambda offices, *more: offices


def _second_offer() -> Iterator[Change]:
    yield checks, "at_rest", lambda case: None


def _chain_entry_not_appended() -> Iterator[Change]:
    def append(self: Any, messages: Any) -> Any:
        return real(self, [each for each in messages if each.event.name != "deadline.near"])

    real = Recorder.append
    yield Recorder, "append", append


def _closes_with_open_referral() -> Iterator[Change]:
    yield ending, "_no_open_referral", lambda case: None


def _holder_changes_at_offer() -> Iterator[Change]:
    def routed(case: Case, decided: Any, *rest: Any) -> Any:
        outcome = real(case, decided, *rest)
        moved = outcome.case.holder if outcome.superseded else decided.receiver
        return replace(outcome, case=replace(outcome.case, holder=moved))

    real = custody_rules.routed
    yield custody_rules, "routed", routed


def _version_not_checked() -> Iterator[Change]:
    yield checks, "current", lambda case, act: None


def _binding_forgotten() -> Iterator[Change]:
    def assign(*arguments: Any, **named: Any) -> Any:
        outcome = real(*arguments, **named)
        return replace(outcome, case=replace(outcome.case, bound_by=None))

    real = convening.assign
    yield custody_rules, "assign", assign


FAULTS: dict[str, Callable[[], Iterator[Change]]] = {
    name.strip("_").replace("_", "-"): fault
    for name, fault in list(globals().items())
    if name.startswith("_") and getattr(fault, "__module__", None) == __name__
}


@contextmanager
def fault(name: str | None) -> Iterator[None]:
    """The code with this fault in it; as it is, without a name.

    Raises:
        KeyError: there is no such fault.
    """
    with ExitStack() as stack:
        for owner, attribute, changed in FAULTS[name]() if name else ():
            stack.enter_context(patch.object(owner, attribute, changed))
        yield
