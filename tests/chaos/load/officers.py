"""Officers and coordinators, who act on what lies on their desks; and reporters, who confirm or object."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.load.api import Api, Reply
from tests.chaos.load.pace import Pace
from tests.chaos.record import Acted, Record, Resolved

#: Where reports of the run's categories go, and where refusals send them.
OFFICES = ("dispendukcapil", "dpupr", "dlhkp", "dishub", "disperdagin", "inspektorat", "perkim", "satpolpp")
LOCAL_OFFICES = ("kelurahan-bujel", "kelurahan-gayam", "kelurahan-dandangan")
COORDINATORS = ("asisten-pemkesra", "asisten-ekbang", "asisten-umum", "kecamatan-mojoroto", "kecamatan-kota", "sekda")

#: What is decided on at one look at a desk.
_AT_ONCE = 5

Act = tuple[str, dict[str, Any]]


class Officers:
    """Belongs to one thread."""

    def __init__(self, api: Api, record: Record, tokens: Mapping[str, str], chance: random.Random) -> None:
        self._api = api
        self._record = record
        self._tokens = tokens
        self._chance = chance

    def work(self, pace: Pace) -> None:
        while pace.turn() is not None:
            if self._record.resolved and self._chance.random() < 0.3:
                self._answer_as_reporter()
            else:
                self._clear_a_desk(pace)

    def _clear_a_desk(self, pace: Pace) -> None:
        which = self._chance.choices(("offered", "held", "convened"), (6, 3, 2))[0]
        office = self._chance.choice(COORDINATORS if which == "convened" else (*OFFICES, *LOCAL_OFFICES))
        query = {"list": which, "limit": 30}
        desk = self._api.call("GET", "/desk", token=self._tokens[office], query=query)
        items: Sequence[Mapping[str, Any]] = desk.body.get("items", ()) if desk.ok else ()
        for item in self._chance.sample(items, min(_AT_ONCE, len(items))):
            if pace.turn() is None:
                return
            self._act(office, item, *self._decide(which, office, item))

    def _decide(self, which: str, office: str, item: Mapping[str, Any]) -> Act:
        others = [each for each in OFFICES if each != office]
        dice = self._chance.random()
        if which == "offered":
            if dice < 0.75:
                return "accept", {}
            right = self._chance.choice(others) if dice < 0.9 else None
            return "refuse", {"reason": "not-our-task", "words": None, "right_office": right}
        if which == "convened":
            return "assign", {"receiver": self._chance.choice(OFFICES), "reason": "competent-office", "words": None}
        if dice < 0.6:
            return "resolve", {"reason": "fixed", "words": "Sudah selesai."}
        if dice < 0.75:
            return "notes", {"text": "Sedang dikerjakan.", "public": True}
        receiver = self._chance.choice([None, *others])
        return "handoffs", {"receiver": receiver, "convene": False, "reason": "needs-other-office", "words": None}

    def _act(self, office: str, item: Mapping[str, Any], act: str, body: Mapping[str, Any]) -> None:
        code, version = item["code"], item["version"]
        path = f"/tickets/{code}/{act}"
        reply = self._api.call("POST", path, body, token=self._tokens[office], version=version)
        self._keep(code, act, reply)
        if reply.ok and act == "resolve" and code in self._record.secrets:
            self._record.resolved.append(Resolved(code, reply.body["version"]))

    def _answer_as_reporter(self) -> None:
        try:
            done = self._record.resolved.popleft()
        except IndexError:
            return
        act, body = ("confirm", {}) if self._chance.random() < 0.75 else ("object", {"words": "Belum selesai."})
        secret = self._record.secrets[done.code]
        reply = self._api.call("POST", f"/tickets/{done.code}/{act}", body, secret=secret, version=done.version)
        self._keep(done.code, act, reply)

    def _keep(self, code: str, act: str, reply: Reply) -> None:
        if reply.ok:
            self._record.acts.append(Acted(code, act, reply.body["event"]))
