"""The load: reports published with pipelined confirms, and HTTP requests by wrk: neither may be the bottleneck."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import amqp
from kombu.connection import Connection

from tests.bed.install import ensure

_SCRIPT = Path(__file__).with_name("answers.lua")
#: Messages sent before their confirms are waited for.
_WINDOW = 500


def report(reference: str) -> bytes:
    """A report of somebody who left no contact: it comes to one notification, the receiver's."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": reference,
            "source": "/bench",
            "type": "id.estafet.report.submitted.v1",
            "time": datetime.now(UTC).isoformat(),
            "data": {
                "category": "ktp",
                "text": "KTP saya rusak dan tidak terbaca.",
                "reference": reference,
                "reporter": {},
            },
        }
    ).encode()


class Intake:
    """A connection that publishes reports as another app does. A context manager."""

    def __init__(self, uri: str) -> None:
        self._connection = Connection(uri)
        self._number = 0
        self._waiting: set[int] = set()

    def __enter__(self) -> Intake:
        self._channel: amqp.Channel = self._connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirm)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.release()

    def publish(self, body: bytes) -> None:
        self._channel.basic_publish(
            amqp.Message(body, content_type="application/json", delivery_mode=2),
            exchange="intake.events",
            routing_key="report.submitted",
            mandatory=True,
        )
        self._number += 1
        self._waiting.add(self._number)
        self.wait(_WINDOW)

    def wait(self, open: int = 0) -> None:
        """Until no more than so many confirms are missing."""
        while len(self._waiting) > open:
            self._connection.drain_events(timeout=30)

    def _confirm(self, tag: int, multiple: bool) -> None:
        self._waiting -= {number for number in self._waiting if number <= tag} if multiple else {tag}


def publish(uri: str, count: int) -> str:
    """So many reports as fast as the broker confirms them; answers what their references begin with."""
    run = uuid.uuid4().hex[:12]
    bodies = [report(f"{run}-{number}") for number in range(count)]
    with Intake(uri) as intake:
        for body in bodies:
            intake.publish(body)
        intake.wait()
    return run


def paced(uri: str, rate: float, seconds: float) -> dict[str, float]:
    """Reports at a steady rate; answers reference to the moment it was sent (of :func:`time.time`)."""
    run, sent = uuid.uuid4().hex[:12], {}
    began = time.time()
    with Intake(uri) as intake:
        for number in range(int(rate * seconds)):
            time.sleep(max(0.0, began + number / rate - time.time()))
            body = report(f"{run}-{number}")
            sent[f"{run}-{number}"] = time.time()
            intake.publish(body)
        intake.wait()
    return sent


@dataclass(frozen=True, slots=True)
class Answered:
    """What wrk saw in so many seconds: answers of 2xx, all others, and the median of how long one took, in seconds."""

    accepted: int
    refused: int
    seconds: float
    median: float

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds


def post_reports(url: str, seconds: int, connections: int = 32) -> Answered:
    """POST reports as fast as they are answered, over so many connections (Debian's ``wrk``)."""
    body = json.dumps({"category": "ktp", "text": "KTP saya rusak dan tidak terbaca."})
    return _wrk(url, seconds, connections, [], [body])


def get(url: str, token: str, seconds: int) -> Answered:
    """GET a page again and again, one request at a time."""
    return _wrk(url, seconds, 1, ["-H", f"Authorization: Bearer {token}"], [])


def _wrk(url: str, seconds: int, connections: int, options: list[str], arguments: list[str]) -> Answered:
    wrk = str(ensure(["wrk"])["wrk"] / "wrk")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(_SCRIPT), *options, url]
    printed = subprocess.run([*command, "--", *arguments], capture_output=True, text=True, check=True).stdout
    said: dict[str, int] = json.loads(printed.splitlines()[-1])
    refused = said["refused"] + said["broken"]
    return Answered(said["requests"] - said["refused"], refused, said["microseconds"] / 1e6, said["median"] / 1e6)
