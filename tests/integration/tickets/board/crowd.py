"""Many reports at once, as rows: what a city has after a while, without having lived through it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert

from estafet.events import new_id
from services.tickets.directory import HOLDING_KINDS, Directory
from services.tickets.rating.survey import ELEMENTS
from services.tickets.rating.tables import ratings
from services.tickets.tables import handoffs, holdings, texts, tickets

_AT_ONCE = 2000
_STATES = (("closed", 70), ("resolved", 8), ("held", 17), ("offered", 5))


class Crowd:
    """Reports of the ``days`` before ``now``, the same for the same seed but for their ids."""

    def __init__(self, directory: Directory, now: datetime, days: int = 400, seed: int = 1) -> None:
        self._directory = directory
        self._now = now
        self._days = days
        self._random = random.Random(seed)
        self._offices = sorted(each.code for each in directory.offices.values() if each.kind in HOLDING_KINDS)
        self._services = sorted(directory.services)
        self._weights = [1 / (1 + each) for each in range(len(self._services))]
        self._random.shuffle(self._services)
        self._areas = [*sorted(directory.areas), None]

    def fill(self, connection: Connection, count: int) -> None:
        reports = (self._report(number) for number in range(count))
        while some := list(islice(reports, _AT_ONCE)):
            for table in (tickets, texts, handoffs, holdings, ratings):
                rows = [row for report in some for row in report.get(table.name, ())]
                if rows:
                    connection.execute(insert(table), rows)

    def _after(self, since: datetime, hours: float) -> datetime:
        return since + timedelta(hours=self._random.expovariate(1 / hours))

    def _report(self, number: int) -> dict[str, list[dict[str, Any]]]:
        dice = self._random
        code = f"{self._directory.code_prefix}-{number:07d}"
        opened_at = self._now - timedelta(days=dice.random() * self._days)
        service = self._directory.services[dice.choices(self._services, self._weights)[0]]
        old = dice.random() * 60 < (self._now - opened_at).days - 4
        status = "closed" if old else dice.choices([each for each, _ in _STATES], [each for _, each in _STATES])[0]
        way = list(self._way(code, opened_at))
        held = [each for table, each in way if table == "holdings"]
        if old and len(held) == 1:  # nobody took it in all that time but a coordinator saw to it
            since, office = held[0]["since"] + timedelta(days=3), dice.choice(self._offices)
            held = [
                {**held[0], "until": since},
                {**held[0], "number": 2, "office": office, "since": since, "how": "assigned"},
            ]
        tried = [each for table, each in way if table == "handoffs"]
        done = min(self._after(held[-1]["since"], 60), self._now) if status in ("closed", "resolved") else None
        row = {
            "code": code,
            "id": new_id(),
            "secret_hash": "0" * 64,
            "opened_at": opened_at,
            "resolved_at": done,
            "closed_at": done if status == "closed" else None,
            "correlation": new_id(),
            "category": service.code,
            "place": dice.choice(self._areas),
            "confidential": service.confidential,
            "reachable": True,
            "front_desk": self._directory.front_desk,
            "status": status,
            "version": len(way),
            "holder": held[-1]["office"],
            "held_since": held[-1]["since"],
            "custody_message": new_id(),
            "former": [],
            "hops": max(len(held) - 2, 0),
            "seen": [],
            "named": [],
            "refusals": 0,
            "objections": 0,
            "consent": [],
            "resolve_by": opened_at + timedelta(days=14),
            "resolved_by": held[-1]["office"] if done else None,
            "resolved_message": new_id() if done else None,
            "chain_length": 0,
            "chain_head": "0" * 64,
        }
        told = [{"code": code, "text": f"Laporan {number}: " + "lubang di jalan. " * 12}]
        rated = [self._rating(code, done, held[-1]["office"])] if done and dice.random() < 0.3 else []
        return {"tickets": [row], "texts": told, "handoffs": tried, "holdings": held, "ratings": rated}

    def _way(self, code: str, opened_at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
        """Holdings and handoffs, from the front desk on."""
        dice, sender, time, number, stint = self._random, self._directory.front_desk, opened_at, 1, []
        stint = [{"code": code, "number": 1, "office": sender, "since": time, "how": "opened", "message": new_id()}]
        decision = "first"
        for receiver in dice.sample(self._offices, dice.choices((1, 2, 3, 4), (60, 25, 10, 5))[0]):
            if time >= self._now:
                break
            state = dice.choices(("accepted", "refused", "lapsed"), (80, 15, 5))[0]
            convened = state != "accepted" and dice.random() < 0.3
            yield (
                "handoffs",
                {
                    "id": new_id(),
                    "code": code,
                    "began_at": time,
                    "sender": sender,
                    "receiver": receiver,
                    "reason": "new-report",
                    "state": state,
                    "decision": decision,
                    "convene": False,
                    "coordinator": "asisten-pemkesra" if convened else None,
                    "because": [],
                },
            )
            time = min(self._after(time, 9), self._now)
            decision = "requested" if state == "accepted" else "redirected"
            if state == "accepted":
                number, sender = number + 1, receiver
                held = {"code": code, "number": number, "office": receiver, "since": time}
                stint.append({**held, "how": "accepted", "message": new_id()})
                time = min(self._after(time, 40), self._now)
        for each, after in zip(stint, [*stint[1:], None], strict=True):
            yield "holdings", {**each, "until": after["since"] if after else None}

    def _rating(self, code: str, at: datetime, office: str) -> dict[str, Any]:
        dice = self._random
        scores = {each: dice.choices((None, 1, 2, 3, 4), (10, 5, 15, 45, 25))[0] for each in ELEMENTS}
        contacted = dice.choices((None, 0, 1, 2, 3, 4), (10, 30, 30, 15, 10, 5))[0]
        return {"code": code, "at": at, "office": office, **scores, "offices_contacted": contacted}
