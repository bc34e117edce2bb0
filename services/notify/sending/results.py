"""What became of a batch of deliveries, and how that is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import structlog
from prometheus_client import Counter

from estafet.relay.work import Work
from services.notify import deliveries, marks, states, store
from services.notify.channels import simulated
from services.notify.channels.channel import Fate, Outcome
from services.notify.deliveries import Delivery
from services.notify.marks import Mark
from services.notify.sending import digests
from services.notify.sending.retries import next_attempt
from services.notify.sending.writing import referrals

_Item = TypeVar("_Item")
_Key = TypeVar("_Key")

_log = structlog.get_logger(__name__)

#: Errors that only say that somebody left no way to be told, or wished not to be: nothing that anybody has to mend.
_UNREACHABLE = ("no-contact", "no-channel", "stopped", "marked", "simulated")

_ENDED = Counter("estafet_notify_deliveries_total", "Messages by what became of them.", ["channel", "outcome"])


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery.

    Attributes:
        channel: over which it went or, at last, was tried.
        passed: the channels that failed for good, those of earlier attempts included.
        marks: addresses that bounced.
    """

    delivery: Delivery
    outcome: Outcome
    channel: str
    passed: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def error(self) -> str:
        return self.outcome.error or self.outcome.fate.value


@dataclass(slots=True)
class Results:
    """What became of a few."""

    all: list[Result] = field(default_factory=list)
    #: Not tried, since there was no use in it.
    untouched: list[Delivery] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return sum(each.outcome.fate is not Fate.HELD for each in self.all)

    def of(self, *fates: Fate) -> list[Result]:
        return [each for each in self.all if each.outcome.fate in fates]


def record(work: Work, claim: str, results: Results) -> list[Delivery]:
    """Record what became of deliveries of this claim, and publish of those that ended; answers what was sent."""
    connection, now = work.connection, work.now
    deliveries.release(connection, claim, [each.id for each in results.untouched])
    _hold(work, claim, results.of(Fate.HELD))
    marks.keep(connection, (mark for each in results.all for mark in each.marks), now)
    failed = results.of(Fate.FAILED)
    for each in results.of(Fate.LATER, Fate.AWAY, Fate.UNSURE):
        if not _postponed(work, claim, each):
            failed.append(each)
    sent = results.of(Fate.SENT, Fate.DELIVERED)
    ended = [(each, each.outcome.fate.value) for each in sent]
    ended += [(each, states.of_failure(each.outcome)) for each in failed]
    _end(work, claim, ended)
    store.drop_packages(connection, referrals([each.delivery for each, _ in ended]))
    for each in results.all:
        if each.outcome.fate not in (Fate.SENT, Fate.DELIVERED, Fate.HELD):
            log = _log.debug if each.error in _UNREACHABLE else _log.warning
            log("message not sent", delivery=each.delivery.id, attempt=each.delivery.attempts, error=each.error)
    return [each.delivery for each in sent]


def _hold(work: Work, claim: str, held: Iterable[Result]) -> None:
    for wait, some in _grouped(held, lambda each: each.outcome.wait):
        due = work.now + timedelta(seconds=wait)
        untried = [each.delivery.id for each in some if each.passed == each.delivery.passed]
        deliveries.release(work.connection, claim, untried, due)
        for each in some:
            if each.passed != each.delivery.passed:  # another channel was tried before
                deliveries.postpone(
                    work.connection, claim, each.delivery.id, each.channel, due, each.error, passed=each.passed
                )


def _postponed(work: Work, claim: str, result: Result) -> bool:
    """Whether it is tried again."""
    delivery, outcome = result.delivery, result.outcome
    due = next_attempt(delivery.id, delivery.attempts, delivery.created_at, work.now)
    if due is None or simulated.is_simulated(outcome):
        return False
    maybe = outcome.provider if outcome.fate is Fate.UNSURE else None
    deliveries.postpone(
        work.connection, claim, delivery.id, result.channel, due, result.error, provider=maybe, passed=result.passed
    )
    _ENDED.labels(result.channel, "postponed").inc()
    return True


def _end(work: Work, claim: str, ended: Iterable[tuple[Result, str]]) -> None:
    """As few statements as there are kinds of end."""

    def kind(each: tuple[Result, str]) -> tuple[str, str, str | None, str | None]:
        result, state = each
        error = result.outcome.error or (state if state in states.FAILURES else None)
        return state, result.channel, result.outcome.provider, error

    for (state, channel, provider, error), some in _grouped(ended, kind):
        ids = [result.delivery.id for result, _ in some]
        ours = deliveries.end(work.connection, claim, ids, state, channel, work.now, provider, error)
        told = [result.delivery for result, _ in some if result.delivery.id in ours]
        for delivery in digests.told(work.connection, told, state, channel, work.now, provider, error):
            publish(work, delivery, state, channel, error)


def publish(work: Work, delivery: Delivery, state: str, channel: str, error: str | None = None) -> None:
    """Say what became of a delivery: ``notification.failed`` or, of all else, ``notification.sent``."""
    failed = state in states.FAILURES
    name = "notification.failed" if failed else "notification.sent"
    _ENDED.labels(channel, name.partition(".")[2]).inc()
    work.emit(
        name,
        {
            "delivery": delivery.id,
            "template": delivery.template,
            "audience": delivery.audience,
            "recipient": delivery.recipient,
            "channel": channel,
            "state": state,
            **({"error": error} if failed else {}),
        },
        subject=delivery.ticket,
        correlationid=delivery.correlation_id,
        causationid=delivery.event_id,
        confidential=delivery.confidential,
    )


def _grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> list[tuple[_Key, list[_Item]]]:
    """The items that have the same key, for each."""
    groups: dict[_Key, list[_Item]] = {}
    for each in items:
        groups.setdefault(key(each), []).append(each)
    return list(groups.items())
