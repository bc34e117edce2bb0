"""Handoffs a second: a holder asks, routing decides, the next office is offered the report and accepts it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from bench.contenders.ours import Ours
from bench.load import publish

#: Handoffs of each report: the city's rules allow one more.
EACH = 2
#: Requests in flight.
_OFFICERS = 16
_PATIENCE = 300.0
_LOOK = 0.02

_STANDING = "select code, version, status, holder, offered_to from tickets where reference like '{run}-%'"


class Officers:
    """Every office's officers: they ask and accept over connections that stay open."""

    def __init__(self, ours: Ours) -> None:
        self._address = urlsplit(ours.system.url).netloc
        self._tokens = ours.system.tokens()
        with ours.system.client() as client:
            self._departments = [each["code"] for each in client.offices("department")]
        self._own = threading.local()

    def accept(self, office: str, code: str, version: int) -> None:
        self._act(office, code, version, "accept", {})

    def hand_on(self, office: str, code: str, version: int) -> None:
        """To the next department of the list: it has not been there."""
        at = (self._departments.index(office) + 1) % len(self._departments)
        body = {"receiver": self._departments[at], "reason": "not-our-task", "words": None, "convene": False}
        self._act(office, code, version, "handoffs", body)

    def _act(self, office: str, code: str, version: int, act: str, body: Mapping[str, object]) -> None:
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._tokens[office]}",
            "If-Match": f'"{version}"',
        }
        connection = self._connection()
        connection.request("POST", f"/api/v1/tickets/{code}/{act}", json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{act} of {code} by {office}: {answer.status} {said.decode()}")

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection(self._address, timeout=30)
        own: http.client.HTTPConnection = self._own.connection
        return own


def handoffs(ours: Ours, reports: int) -> float:
    """Handoffs a second of so many reports, each handed on :data:`EACH` times after its first office has it."""
    run = publish(ours.intake_uri, reports)
    officers = Officers(ours)
    _until_all(ours, run, officers, rounds=1, expected=reports)
    began = time.monotonic()
    _until_all(ours, run, officers, rounds=1 + EACH, expected=reports)
    return reports * EACH / (time.monotonic() - began)


def _until_all(ours: Ours, run: str, officers: Officers, rounds: int, expected: int) -> None:
    """Let everybody act until each report was accepted so many times in all; those that are held are handed on."""
    accepted = Counter[str](_accepted(ours, run))
    acted: dict[str, int] = {}
    deadline = time.monotonic() + _PATIENCE
    with ThreadPoolExecutor(_OFFICERS) as pool:
        while time.monotonic() < deadline:
            doing = []
            for code, version, status, holder, offered_to in ours.rows("tickets", _STANDING.format(run=run)):
                if acted.get(code) == version:
                    continue
                if status == "offered":
                    doing.append(pool.submit(officers.accept, offered_to, code, version))
                    accepted[code] += 1
                elif status == "held" and accepted[code] < rounds:
                    doing.append(pool.submit(officers.hand_on, holder, code, version))
                else:
                    continue
                acted[code] = version
            for each in doing:
                each.result()
            if len(accepted) == expected and min(accepted.values()) >= rounds:
                return
            if not doing:
                time.sleep(_LOOK)
    raise TimeoutError(f"after {_PATIENCE:.0f} s not every report was accepted {rounds} times")


_ACCEPTED = (
    "select holdings.code, count(*) from holdings join tickets on tickets.code = holdings.code"
    " where reference like '{run}-%' and how = 'accepted' group by holdings.code"
)


def _accepted(ours: Ours, run: str) -> dict[str, int]:
    return dict(ours.rows("tickets", _ACCEPTED.format(run=run)))
