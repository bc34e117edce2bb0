"""What people do: they report, and they act on reports as they intend. All of it by the API's own functions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy.exc import OperationalError

from estafet.events import Event, encode
from estafet.web import Answer, Call, Problem
from estafet.web.entrypoint import endpoints_of
from estafet.web.schemas import load
from services.tickets.service import Tickets
from tests.simulation.intentions import Attempt, Intentions, Standing
from tests.simulation.perils import Violation
from tests.simulation.world import AREAS, CATEGORIES, TOWN, World

_ENDPOINTS = dict(endpoints_of(Tickets))


@dataclass
class Report:
    """A report as its reporter knows it."""

    code: str
    secret: str


class People:
    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self._intentions = Intentions(world, chance)
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
        attempt = self._intentions.anything(standing) if lost else self._intentions.sensible(standing)
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
