"""Publishing many reports as an app does, with the rights of one; confirms are waited for a window at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import amqp
from kombu.connection import Connection

#: Messages sent before their confirms are waited for.
WINDOW = 500


def publish(uri: str, bodies: Iterable[str]) -> None:
    """Return when the broker has confirmed each."""
    waiting: set[int] = set()

    def confirm(tag: int, multiple: bool) -> None:
        waiting.difference_update({each for each in waiting if each <= tag} if multiple else {tag})

    with Connection(uri) as connection:
        channel: amqp.Channel = connection.channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(confirm)
        for number, body in enumerate(bodies, start=1):
            waiting.add(number)
            message = amqp.Message(body, content_type="application/json", delivery_mode=2)
            channel.basic_publish(message, exchange="intake.events", routing_key="report.submitted", mandatory=True)
            while len(waiting) >= WINDOW:
                connection.drain_events(timeout=30)
        while waiting:
            connection.drain_events(timeout=30)


def report(reference: str) -> str:
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
                "reporter": {"name": "Warga", "email": "warga@kediri.example"},
            },
        }
    )
