"""An app that reports by event: plain AMQP with publisher confirms, and the same message again when none came."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import cycle

import amqp
from kombu.connection import Connection

from tests.chaos.load.pace import Pace
from tests.chaos.load.reports import report
from tests.chaos.record import Accepted, Record

_GONE = (OSError, amqp.AMQPError, AttributeError, TypeError)
#: Seconds without any confirm after which the connection is given up.
_PATIENCE = 10.0


class App:
    """Belongs to one thread. A message stays in ``unconfirmed`` until the broker has said that it has it."""

    def __init__(self, uris: Sequence[str], record: Record, run: str, chance: random.Random) -> None:
        self._uris = cycle(uris)
        self._record = record
        self._run = run
        self._chance = chance
        self.unconfirmed: dict[str, str] = {}
        self._tags: dict[int, str] = {}
        self._tag = 0
        self._heard = 0.0

    def report(self, pace: Pace, stop: threading.Event) -> None:
        """Publish until stopped, and then until everything is confirmed."""
        numbers = self._numbers(pace, stop)
        while not stop.is_set() or self.unconfirmed:
            try:
                self._session(numbers, stop)
            except _GONE:
                time.sleep(0.3)

    @staticmethod
    def _numbers(pace: Pace, stop: threading.Event) -> Callable[[], int | None]:
        """The turns, counted by a thread of their own: this one must go on reading confirms."""
        due: list[int] = []

        def count() -> None:
            while (number := pace.turn()) is not None:
                due.append(number)

        threading.Thread(target=count, daemon=True).start()
        return lambda: due.pop(0) if due and not stop.is_set() else None

    def _session(self, number: Callable[[], int | None], stop: threading.Event) -> None:
        with Connection(next(self._uris), connect_timeout=5) as connection:
            channel = connection.channel()
            channel.confirm_select()
            channel.events["basic_ack"].add(self._confirmed)
            channel.events["basic_nack"].add(_refused)
            self._tags, self._tag, self._heard = {}, 0, time.monotonic()
            self._record.again(len(self.unconfirmed))
            for reference, body in list(self.unconfirmed.items()):
                self._send(channel, reference, body)
            while not stop.is_set() or self.unconfirmed:
                turn = number()
                if turn is not None:
                    reference = f"event-{self._run}-{turn}"
                    body = _event(reference, self._chance)
                    self.unconfirmed[reference] = body
                    self._send(channel, reference, body)
                try:
                    connection.drain_events(timeout=0.001 if turn is not None else 0.05)
                except TimeoutError:
                    if self._tags and time.monotonic() - self._heard > _PATIENCE:
                        raise

    def _send(self, channel: amqp.Channel, reference: str, body: str) -> None:
        self._tag += 1
        self._tags[self._tag] = reference
        message = amqp.Message(body, content_type="application/json", delivery_mode=2, message_id=reference)
        channel.basic_publish(message, exchange="intake.events", routing_key="report.submitted", mandatory=True)

    def _confirmed(self, tag: int, multiple: bool) -> None:
        self._heard = time.monotonic()
        for each in [sent for sent in self._tags if sent <= tag] if multiple else [tag]:
            reference = self._tags.pop(each, None)
            if reference is not None and self.unconfirmed.pop(reference, None) is not None:
                self._record.accept(Accepted(reference, "event"))


def _refused(*about: object) -> None:
    raise ConnectionError("the broker did not take a report")


def _event(reference: str, chance: random.Random) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": reference,
            "source": "/chaos",
            "type": "id.estafet.report.submitted.v1",
            "time": datetime.now(UTC).isoformat(),
            "data": report(reference, chance),
        }
    )
