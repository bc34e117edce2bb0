"""The load: reports published with pipelined confirms, and HTTP requests by wrk: neither may be the bottleneck."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bed.install import ensure
from tests.e2e.publishing import report, submit

_SCRIPT = Path(__file__).with_name("answers.lua")


#: Who leaves no contact: a report then comes to one notification, the receiver's.
_NOBODY: dict[str, str] = {}


def publish(uri: str, count: int) -> str:
    """So many reports as fast as the broker confirms them; answers what their references begin with."""
    run = uuid.uuid4().hex[:12]
    submit(uri, [report(f"{run}-{number}", _NOBODY) for number in range(count)])
    return run


def paced(uri: str, rate: float, seconds: float) -> dict[str, float]:
    """Reports at a steady rate; answers reference to the moment it was sent (of :func:`time.time`)."""
    run, sent = uuid.uuid4().hex[:12], {}

    def bodies() -> Iterator[str]:
        began = time.time()
        for number in range(int(rate * seconds)):
            time.sleep(max(0.0, began + number / rate - time.time()))
            body = report(f"{run}-{number}", _NOBODY)
            sent[f"{run}-{number}"] = time.time()
            yield body

    submit(uri, bodies())
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
