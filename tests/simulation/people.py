"""What people do: report, accept, refuse, resolve; and what they get wrong. All of it by the API's own functions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy.exc import OperationalError

from estafet.events import Event, encode, new_id
from estafet.events.reasons import reasons_for
from estafet.web import Answer, Call, Problem
from estafet.web.entrypoint import endpoints_of
from estafet.web.schemas import load
from services.tickets.service import Tickets
from tests.simulation.perils import Violation
from tests.simulation.world import AREAS, CATEGORIES, COORDINATORS, OFFICES, TOWN, World
from tests.unit.tickets.witness import above

_ENDPOINTS = dict(endpoints_of(Tickets))
#: Acts of the reporter alone.
_REPORTERS = ("confirm", "object_to", "consent")
_EVERYTHING = (
    "accept",
    "refuse",
    "withdraw",
    "request_handoff",
    "assign",
    "convene",
    "pause",
    "resolve",
    "confirm",
    "object_to",
    "consent",
    "add_note",
    "refer",
    "answer_referral",
)


@dataclass
class Report:
    """A report as its reporter knows it."""

    code: str
    secret: str


@dataclass(frozen=True)
class Standing:
    """How a report stands, as whoever is entitled reads it."""

    code: str
    version: int
    status: str
    holder: str
    offered_to: str | None
    bound_by: str | None
    coordinator: str | None
    pending: str | None


@dataclass(frozen=True)
class Attempt:
    """An act that somebody tries. ``right`` when nothing can stand in its way."""

    name: str
    by: str | None
    body: dict[str, Any] = field(default_factory=dict)
    coordinator: bool = False
    right: bool = False


class People:
    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        #: The process that answers them.
        self.server = world.tickets.replicas[0]
        self._sent = 0
        #: Requests to report that were never answered; a careful client sends them again.
        self.unanswered: list[tuple[str, dict[str, Any]]] = []
        self.reports: list[Report] = []
        #: What each app submitted: (source, id) → reference.
        self.submitted: dict[tuple[str, str], str] = {}
        self.references: list[str] = []
        #: Whose act is under way, for the witness.
        self.actor: str | None = None
        self.is_acting = False

    # Reporting

    def report(self) -> str:
        """By the API, under a key."""
        reference = self._reference()
        self.references.append(reference)
        return self._post(f"key-{reference}", self._report(reference))

    def report_again(self) -> str:
        """A client that got no answer asks again; one that did may ask again too."""
        key, body = self.unanswered[self._chance.randrange(len(self.unanswered))]
        return self._post(key, body)

    def _post(self, key: str, body: dict[str, Any]) -> str:
        if (key, body) not in self.unanswered:
            self.unanswered.append((key, body))
        with self._acting(None):
            answer = self._call("submit_report", {"Idempotency-Key": key}, body)
        if answer is None:
            return f"a report under {key} is not answered"
        known = Report(answer.data["code"], answer.data["secret"])
        if known not in self.reports:
            self.reports.append(known)
        # Another attempt of the same client may have been answered meanwhile.
        if self._chance.random() < 0.8 and (key, body) in self.unanswered:
            self.unanswered.remove((key, body))
        return f"report {known.code} ({body['category']}) under {key}"

    def submit(self) -> str:
        """By an app, as an event; two apps may give the same id to different reports."""
        source = self._chance.choice(("/apps/kiosk", "/apps/phone"))
        reference = self._reference()
        id = self._chance.choice((reference, "the-same-id"))
        if (source, id) in self.submitted:
            id = reference
        event = Event(
            name="report.submitted",
            source=source,
            data=self._report(reference),
            id=id,
            time=self._world.clock.now(),
            correlationid=id,
        )
        self.submitted[source, id] = reference
        self.references.append(reference)
        self._world.broker.put("intake.events", "report.submitted", encode(event), f"report.submitted {id}")
        return f"{source} submits {reference} as {id}"

    def strange(self) -> str:
        """Somebody sends what no contract knows."""
        body = self._chance.choice((b"\xff", b"[]", b'{"specversion":"1.0"}', b"{" * 50))
        self._world.broker.put("intake.events", "report.submitted", body, "nonsense")
        return "nonsense arrives"

    def _reference(self) -> str:
        self._sent += 1
        return f"ref-{self._sent}"

    def _report(self, reference: str) -> dict[str, Any]:
        chance = self._chance
        named = [chance.choice((*TOWN.holders, "clerk"))] if chance.random() < 0.15 else []
        travelled = chance.random() < 0.1
        reachable = chance.random() < 0.6
        return {
            "category": chance.choice((*CATEGORIES, "paths")),
            "place": chance.choice(AREAS),
            "text": "A plank is loose.",
            "reporter": {"name": "R.", "email": "r@simulated.invalid"} if reachable else None,
            "consent": ["text"] if chance.random() < 0.5 else [],
            "named": named,
            "reference": reference,
            "seen": [chance.choice(TOWN.holders)] if travelled else [],
            "hops": int(travelled),
        }

    # Acting

    def act(self) -> str:
        """Somebody acts on some report: mostly who should, sometimes anybody, sometimes on a version that is gone."""
        report = self._chance.choice(self.reports)
        standing = self._standing(report.code)
        lost = self._chance.random() < 0.2
        attempt = self._anything(standing) if lost else self._sensible(standing)
        version = standing.version + (self._chance.choice((-1, 0, 1)) if lost else 0)
        said = f"{attempt.by or 'the reporter'} {attempt.name} {report.code} at {version} {attempt.body or ''}"
        try:
            if self._try(report, attempt, version) is None:
                return f"{said}: not answered"
        except Problem as problem:
            if attempt.right:
                raise Violation(
                    f"nothing stood in the way, and yet: {said}: {problem.kind.type.rpartition(':')[2]}"
                ) from problem
            return f"{said}: {problem.kind.type.rpartition(':')[2]}"
        if version != standing.version:
            raise Violation(f"an act on version {version} of a report at {standing.version}: {said}")
        return said

    def _try(self, report: Report, attempt: Attempt, version: int) -> Answer | None:
        if attempt.by is None:
            headers = {"Estafet-Secret": report.secret}
        else:
            role = "coordinator" if attempt.coordinator else "officer"
            headers = {"Authorization": f"Bearer {self._world.token(role, attempt.by)}"}
        body = dict(attempt.body)
        places = {"code": report.code}
        if attempt.name == "answer_referral":
            places["id"] = body.pop("id")
        with self._acting(attempt.by):
            return self._call(attempt.name, headers, body, max(version, 0), **places)

    def _call(
        self, name: str, headers: dict[str, str], body: dict[str, Any], version: int | None = None, **places: str
    ) -> Answer | None:
        """What the endpoint does with a request, but for the bytes.

        None: the database went away, and nobody can say whether it was done.
        """
        endpoint = _ENDPOINTS[name]
        loaded = load(endpoint.body, body) if endpoint.body else {}
        call = Call(SimpleNamespace(headers=headers, recognize=lambda **found: None), loaded, {}, version)  # type: ignore[arg-type]
        handler: Callable[..., Answer] = getattr(Tickets, name).__wrapped__
        try:
            return handler(self.server.service, call, **places)
        except OperationalError:
            return None

    @contextmanager
    def _acting(self, by: str | None) -> Iterator[None]:
        self.actor, self.is_acting = by, True
        yield

    def _standing(self, code: str) -> Standing:
        columns = "code, version, status, holder, offered_to, bound_by, coordinator, pending"
        return Standing(*self._world.tickets.database.rows(f"select {columns} from tickets where code = ?", code)[0])

    def _sensible(self, at: Standing) -> Attempt:
        """What somebody whose turn it is would do."""
        if self._chance.random() < 0.08:
            return self._beside(at)
        return getattr(self, f"_{at.status}")(at)  # type: ignore[no-any-return]

    def _requested(self, at: Standing) -> Attempt:
        name = self._chance.choice(("withdraw", "add_note", "resolve", "add_note"))
        return Attempt(name, at.holder, self._body(name, at))

    def _offered(self, at: Standing) -> Attempt:
        chosen = self._chance.random()
        if chosen < 0.6:
            return Attempt("accept", at.offered_to, right=True)
        if chosen < 0.9:
            return Attempt("refuse", at.offered_to, self._body("refuse", at))
        name = self._chance.choice(("withdraw", "resolve", "request_handoff"))
        return Attempt(name, at.holder, self._body(name, at))

    def _held(self, at: Standing) -> Attempt:
        chosen = self._chance.random()
        if chosen < 0.05:
            return self._assignment(at)
        likely = ("request_handoff",) * 4 + ("resolve",) * 3 + ("refer", "answer_referral", "pause", "convene")
        name = self._chance.choice(likely)
        return Attempt(name, at.holder, self._body(name, at))

    def _convened(self, at: Standing) -> Attempt:
        return self._assignment(at)

    def _resolved(self, at: Standing) -> Attempt:
        name = self._chance.choice(("confirm", "object_to", "object_to"))
        return Attempt(name, None, self._body(name, at), right=True)

    def _closed(self, at: Standing) -> Attempt:
        return self._anything(at)

    def _assignment(self, at: Standing) -> Attempt:
        decides = at.coordinator or at.bound_by
        ladder = [decides, *above(decides, TOWN.parents)] if decides else above(at.holder, TOWN.parents)
        return Attempt("assign", self._chance.choice(ladder), self._body("assign", at), coordinator=True)

    def _beside(self, at: Standing) -> Attempt:
        name = self._chance.choice(("add_note", "consent"))
        return Attempt(name, None, self._body(name, at), right=at.status != "closed")

    def _anything(self, at: Standing) -> Attempt:
        name = self._chance.choice(_EVERYTHING)
        by = None if name in _REPORTERS else self._chance.choice((*OFFICES, at.holder, at.offered_to or "clerk"))
        return Attempt(name, by, self._body(name, at), coordinator=by in COORDINATORS)

    def _body(self, name: str, at: Standing) -> dict[str, Any]:
        chance = self._chance
        office = chance.choice((*TOWN.holders, *TOWN.holders, *OFFICES))
        if name == "request_handoff":
            convene = chance.random() < 0.1
            receiver = None if convene or chance.random() < 0.1 else office
            reason = chance.choice(reasons_for("convene" if convene else "handoff"))
            return {"receiver": receiver, "convene": convene, "reason": reason}
        if name == "refuse":
            return {
                "right_office": chance.choice((office, office, None)),
                "reason": chance.choice(reasons_for("refuse")),
            }
        if name == "assign":
            return {"receiver": office, "reason": "competent-office"}
        if name == "convene":
            return {"reason": "new-facts"}
        if name == "pause":
            until = self._world.clock.time + timedelta(hours=chance.choice((1, 5, 50)))
            return {"reason": "weather", "until": until.isoformat()}
        if name == "resolve":
            return {"reason": "fixed"}
        if name == "object_to":
            return {"words": chance.choice((None, "It is not."))}
        if name == "consent":
            return {"fields": chance.choice(([], ["text"]))}
        if name == "add_note":
            return {"text": "A note.", "public": True}
        if name == "refer":
            return {"agency": chance.choice(("harbour", "harbour", office))}
        if name == "answer_referral":
            known = self._world.tickets.database.rows("select id from referrals where code = ?", at.code)
            id = chance.choice(known)[0] if known else new_id()
            return {"id": id, "outcome": chance.choice(("received", "settled", "declined"))}
        return {}
