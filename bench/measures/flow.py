"""Completions a second: from the report to the notification that is recorded."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Protocol

from bench.contenders.contender import Contender, Named
from bench.load import Answered, post_reports, publish
from tests.bed.process import wait_until

#: Seconds for all that was sent to be notified of.
_PATIENCE = 600.0
_LOOK = 0.1


def by_event(contender: Contender, count: int) -> float:
    """Reports a second, from the first that is published to the last that is notified of."""
    expected = contender.notifications() + count
    began = time.monotonic()
    publishing = threading.Thread(target=publish, args=(contender.intake_uri, count))
    publishing.start()
    _notified(contender, expected)
    took = time.monotonic() - began
    publishing.join()
    return count / took


@dataclass(frozen=True, slots=True)
class ByHttp:
    """``behind``: seconds after the last request until the last report was notified of."""

    accepted: float
    completed: float
    behind: float
    refused: int


class TakesReports(Named, Protocol):
    """Whoever takes reports by HTTP."""

    @property
    def reports_url(self) -> str | None: ...

    def notifications(self) -> int: ...


def by_http(contender: TakesReports, seconds: int, connections: int = 32) -> ByHttp:
    """Accepted reports a second while wrk asks, and completions a second over all the time they take."""
    url = contender.reports_url
    assert url is not None, f"{contender.name} has no HTTP"
    before = contender.notifications()
    began = time.monotonic()
    answered: Answered = post_reports(url, seconds, connections)
    ended = time.monotonic()
    _notified(contender, before + answered.accepted)
    last = time.monotonic()
    return ByHttp(answered.rate, answered.accepted / (last - began), last - ended, answered.refused)


def drain(contender: Contender, count: int) -> float:
    """Reports a second of a backlog that came while nobody was there, from the start of the processes."""
    expected = contender.notifications() + count
    contender.stop()
    publish(contender.intake_uri, count)
    began = time.monotonic()
    contender.start()
    _notified(contender, expected)
    return count / (time.monotonic() - began)


def _notified(contender: TakesReports, expected: int) -> None:
    wait_until(
        lambda: contender.notifications() >= expected,
        seconds=_PATIENCE,
        what=f"{contender.name}: {expected} notifications",
        every=_LOOK,
    )
