"""Publishing many messages; confirms are waited for a window at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import amqp
from kombu.connection import Connection

#: Messages sent before their confirms are waited for.
WINDOW = 500
_REPORTER = {"name": "Warga", "email": "warga@kediri.example"}


@dataclass(frozen=True, slots=True)
class Posted:
    """A message, and where it is published."""

    exchange: str
    routing_key: str
    body: str | bytes
    properties: Mapping[str, Any]


def submit(uri: str, bodies: Iterable[str]) -> None:
    """Reports, as an app publishes them."""
    properties = {"content_type": "application/json"}
    publish(uri, (Posted("intake.events", "report.submitted", body, properties) for body in bodies))


def publish(uri: str, messages: Iterable[Posted]) -> None:
    """Return when the broker has confirmed each. Confirms come in any order where there are many queues."""
    waiting: set[int] = set()

    def confirm(tag: int, multiple: bool) -> None:
        waiting.difference_update({number for number in waiting if number <= tag} if multiple else {tag})

    with Connection(uri) as connection:
        channel: amqp.Channel = connection.channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(confirm)
        for number, each in enumerate(messages, start=1):
            waiting.add(number)
            message = amqp.Message(each.body, delivery_mode=2, **each.properties)
            channel.basic_publish(message, exchange=each.exchange, routing_key=each.routing_key, mandatory=True)
            while len(waiting) >= WINDOW:
                connection.drain_events(timeout=30)
        while waiting:
            connection.drain_events(timeout=30)


def report(reference: str, reporter: Mapping[str, str] = _REPORTER) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": reference,
            "source": "/load",
            "type": "id.estafet.report.submitted.v1",
            "time": datetime.now(UTC).isoformat(),
            "data": {
                "category": "ktp",
                "text": "KTP saya rusak dan tidak terbaca.",
                "reference": reference,
                "reporter": dict(reporter),
            },
        }
    )
