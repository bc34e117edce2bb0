"""One report, its messages and the two services' rules, without broker or database: for the machine to play with."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from estafet.events import CONTRACTS, Event, contract, encode, new_id, parse
from services.routing.decision import Routed as RoutingRouted
from services.routing.decision import decide
from services.tickets import custody
from services.tickets.chain import Entry, Head, append, head_of
from tests.unit.tickets.town import DIRECTORY, NOW, ROUTING
from tests.unit.tickets.witness import SYSTEM, Witness

_SCHEMAS = {each.name: each.schema() for each in CONTRACTS}
_FOR_TICKETS = ("handoff.routed", "handoff.blocked", "deadline.passed")


class Bus:
    """Every message goes out as bytes and comes in as bytes, checked by its schema, as between real services."""

    def __init__(self, report: custody.Report) -> None:
        self.witness = Witness()
        #: Messages not handled yet, and all there ever were.
        self.pool: list[bytes] = []
        self.sent: list[bytes] = []
        self.chain: list[Entry] = []
        #: How often the rules said no, by problem.
        self.refusals: Counter[str] = Counter()
        self.now = NOW
        opened = custody.open_case(report, DIRECTORY, custody.Moment(now=self.now))
        self.case = opened.case
        self._take(opened, SYSTEM, None)

    def act(self, by: str | None, version: int | None, command: Callable[[custody.Act], custody.Outcome]) -> bool:
        """A person tries something. Answers whether the rules let them."""
        self.now += timedelta(seconds=1)
        try:
            outcome = command(custody.Act(now=self.now, by=by, version=version))
        except custody.Refused as refused:
            self.refusals[refused.slug] += 1
            return False
        assert version in (None, self.case.version), "nobody acts on a version that is gone"
        assert not outcome.superseded
        self._take(outcome, by, None)
        return True

    def deliver(self, body: bytes) -> None:
        """A message reaches whoever listens to it; it may have been handled before."""
        self.now += timedelta(seconds=1)
        event = parse(body)
        if event.name.startswith(("handoff.r", "handoff.l", "ticket.")) and event.name != "handoff.routed":
            self._routing_hears(event)
        elif event.name in _FOR_TICKETS:
            self._tickets_hears(event)

    def decide_badly(self, receiver: str) -> None:
        """Routing has a fault: it offers the report, as it stands now, to anybody."""
        case = self.case
        decision = custody.Routed(
            handoff=case.pending.id if case.pending else None,
            decision="requested",
            ticket_version=case.version,
            receiver=receiver,
            accept_by=self.now,
            resolve_by=case.resolve_by or self.now + timedelta(days=9),
            hop_budget=ROUTING.service(case.category).hop_budget,  # type: ignore[union-attr]
            because=({"rule": "fault", "id": "-", "en": "-"},),
        )
        cause = self._publish("handoff.routed", asdict(decision), parse(self.sent[0]), again=False)
        try:
            outcome = custody.routed(case, decision, DIRECTORY, custody.Moment(now=self.now))
        except custody.Unlawful:
            return
        self.witness.decided(decision.resolve_by)
        self._take(outcome, SYSTEM, cause)

    def settle(self) -> None:
        """Every message is handled, deadlines apart, until there are none."""
        while waiting := [body for body in self.pool if parse(body).name != "deadline.passed"]:
            for body in waiting:
                self.pool.remove(body)
                self.deliver(body)

    def _routing_hears(self, event: Event) -> None:
        data = _SCHEMAS[event.name].load(dict(event.data))
        answer = decide(Event(**{**_fields(event), "data": data}), ROUTING, self.now)
        if answer is not None:
            name = "handoff.routed" if isinstance(answer, RoutingRouted) else "handoff.blocked"
            self._publish(name, asdict(answer), event)

    def _tickets_hears(self, event: Event) -> None:
        data = _SCHEMAS[event.name].load(dict(event.data))
        moment = custody.Moment(now=self.now)
        if event.name == "handoff.routed":
            outcome = custody.routed(self.case, custody.Routed.of(data), DIRECTORY, moment)
        elif event.name == "handoff.blocked":
            outcome = custody.blocked(self.case, custody.Blocked.of(data), moment)
        elif data["clock"] == "accept":
            outcome = custody.lapse(
                self.case, handoff=data["handoff"], ticket_version=data["ticket_version"], moment=moment
            )
        else:
            outcome = custody.silence(self.case, ticket_version=data["ticket_version"], moment=moment)
        if event.name != "deadline.passed":
            self.witness.decided(data["resolve_by"])
        elif not outcome.superseded:
            self.witness.rang(data["clock"], data["ticket_version"])
        if outcome.superseded:
            assert not outcome.said, "what came too late says nothing"
        self._take(outcome, SYSTEM, event)

    def _take(self, outcome: custody.Outcome, actor: str | None, cause: Event | None) -> None:
        self.case = outcome.case
        for said in outcome.said:
            event = self._publish(said.name, said.data, cause, said=said)
            self.witness.see(event, _SCHEMAS[said.name].load(dict(event.data)), actor)
            self._set_clock(event)

    def _set_clock(self, event: Event) -> None:
        """Routing's clocks run out whenever the machine likes, too early and too late."""
        if event.name == "handoff.offered":
            self._ring("accept", event, event.data["handoff"])
        elif event.name == "ticket.resolved":
            self._ring("silence", event, None)

    def _ring(self, clock: str, event: Event, handoff: str | None) -> None:
        data = {
            "clock": clock,
            "ticket_version": event.subjectversion,
            "due": self.now,
            "office": None,
            "coordinator": None,
            "handoff": handoff,
            "referral": None,
        }
        self._publish("deadline.passed", data, event)

    def _publish(
        self, name: str, data: Any, cause: Event | None, said: custody.Said | None = None, again: bool = True
    ) -> Event:
        schema = _SCHEMAS[name]
        dumped: dict[str, Any] = schema.dump(data)
        assert not schema.validate(dumped), f"{name} satisfies its schema"
        answers = said.answers if said and said.answers else cause.id if cause else None
        event = Event(
            name=name,
            source=f"/estafet/{contract(name).publisher}",
            data=dumped,
            id=said.id if said else new_id(),
            time=self.now,
            correlationid=self.case.correlation,
            causationid=answers,
            subject=self.case.code,
            subjectversion=said.version if said else None,
        )
        body = encode(event)
        if again:
            self.sent.append(body)
            self.pool.append(body)
        if said is None:
            self.witness.messages.add(event.id)
        self._chain(event, body)
        return event

    def _chain(self, event: Event, body: bytes) -> None:
        head = head_of(self.chain[-1]) if self.chain else Head()
        entry = append(
            head,
            code=self.case.code,
            id=event.id,
            name=event.name,
            publisher=event.source,
            time=event.time,
            causationid=event.causationid,
            correlationid=event.correlationid,
            superseded=False,
            body=body.decode(),
        )
        self.chain.append(entry)


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__slots__}
