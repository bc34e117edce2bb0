"""Deliberate faults, put into the code by name. The simulation finds each; one that it cannot find it is blind to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from estafet.relay import inbox, outbox
from estafet.relay.consumer import Consumer
from estafet.relay.message import Message
from estafet.relay.publisher import Publisher
from estafet.relay.receiver import Receiver
from estafet.relay.tables import inbox as inbox_table
from estafet.relay.work import Work
from services.notify import deliveries
from services.notify.sending import results, sender
from services.notify.tables import deliveries as deliveries_table
from services.routing import decision as routing
from services.tickets import custody as custody_rules
from services.tickets.custody import checks, convening, decision, ending, handoff
from services.tickets.custody.case import Case
from services.tickets.recording import Recorder

Change = tuple[Any, str, Any]


def _ack_before_commit() -> Iterator[Change]:
    def handle(self: Any, connection: Any, messages: Any) -> None:
        connection.ack(messages)
        self._receiver.handle([self._delivery(message) for message in messages])

    yield Consumer, "_handle", handle


def _inbox_key_without_subscription() -> Iterator[Change]:
    yield Message, "key", property(lambda self: ("", self.event.source, self.event.id))


def _inbox_key_without_source() -> Iterator[Change]:
    def claim(connection: Any, keys: Any, now: Any) -> set[Any]:
        known = connection.execute(select(inbox_table.c.subscription, inbox_table.c.id)).all()
        return {(name, source, id) for name, source, id in real(connection, keys, now) if (name, id) not in known}

    real = inbox.claim
    yield inbox, "claim", claim


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
    def flush(self: Any) -> Any:
        self._emitted[:] = [event for event in self._emitted if event.name != "handoff.accepted"]
        return real(self)

    real = Work.flush
    yield Work, "flush", flush


def _outbox_bypassed() -> Iterator[Change]:
    """Commit, then publish: the rows count as published when they are written, and leave after the commit."""

    def send(self: Any, window: Any, connection: Any) -> int:
        with self._database.begin() as transaction:
            outbox.mark_published(transaction, [each.id for each in window], self._works.clock.now(), True)
        return real(self, window, connection)

    real = Publisher._send
    yield Publisher, "_send", send


def _left_behind_forgotten() -> Iterator[Change]:
    """Each process publishes what it has at hand, and nobody looks into the outbox."""
    yield Publisher, "_read_outbox", lambda *given: 0


def _published_before_confirm() -> Iterator[Change]:
    def publish(self: Any, rows: Any, outcome: Any) -> int:
        return real(self, rows, replace(outcome, confirmed=frozenset(row.id for row in rows)))

    real = Publisher._note
    yield Publisher, "_note", publish


def _seen_dropped() -> Iterator[Change]:
    yield handoff, "joined", lambda offices, *more: offices


def _second_offer() -> Iterator[Change]:
    yield checks, "at_rest", lambda case: None


def _chain_entry_not_appended() -> Iterator[Change]:
    def append(self: Any, messages: Any, work: Any) -> Any:
        return real(self, [each for each in messages if each.event.name != "deadline.near"], work)

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


def _late_deadline_lapses_another_offer() -> Iterator[Change]:
    def lapse(case: Case, *, handoff: Any, ticket_version: int, moment: Any) -> Any:
        standing = case.pending.id if case.pending else None
        return real(case, handoff=standing, ticket_version=case.version, moment=moment)

    real = custody_rules.lapse
    yield custody_rules, "lapse", lapse


def _message_lost_when_the_database_is_away() -> Iterator[Change]:
    def kept(self: Any, *arguments: Any) -> bool:
        real(self, *arguments)
        return True

    real = Receiver._kept
    yield Receiver, "_kept", kept


def _too_often_delivered_not_kept() -> Iterator[Change]:
    yield Receiver, "bury", lambda self, delivery, detail: None


def _retried_past_the_inbox() -> Iterator[Change]:
    def attempt(self: Any, *arguments: Any) -> None:
        with patch.object(inbox, "claim", lambda connection, keys, now: set(keys)):
            real(self, *arguments)

    real = Receiver.attempt
    yield Receiver, "attempt", attempt


def _letter_claimed_twice() -> Iterator[Change]:
    yield deliveries, "LEASE", timedelta(0)


def _letter_recorded_before_it_is_sent() -> Iterator[Change]:
    def send(self: Any, few: Any, *more: Any) -> Any:
        with self._works.begin() as work:
            ids = [each.id for each in few]
            claim = work.connection.scalars(select(deliveries_table.c.claim).where(_sending)).first()
            deliveries.end(work.connection, claim, ids, "sent", "email", work.now)
            for each in few:
                results.publish(work, each, "sent", "email")
        return real(self, few, *more)

    real = sender.Sender._send
    _sending = deliveries_table.c.state == "sending"
    yield sender.Sender, "_send", send


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
