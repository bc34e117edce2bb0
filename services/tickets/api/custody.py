"""HTTP: what offices do with custody."""

from __future__ import annotations

from dataclasses import replace

from estafet.web import Answer, Call
from services.tickets import custody
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE
from services.tickets.acting import Acting, Rule, act
from services.tickets.api import schemas


class Custody(Acting):
    @act(
        "handoffs",
        "Ask for another office, or for a coordinator; routing decides",
        "token",
        "not-holder",
        "bound",
        "already-requested",
        "unknown-office",
        "named-office",
        "office-cannot-hold",
        body=schemas.HandoffInput,
        status=202,
    )
    def request_handoff(self, call: Call, code: str) -> Answer:
        return self._asked(
            call, code, Action.REQUEST, lambda s, a: custody.request(s.case, a, s.directory, **call.body)
        )

    @act("accept", "Take the report that is offered to you", "token", "not-offered-to-you")
    def accept(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.ACCEPT, lambda s, a: custody.accept(s.case, a))

    @act(
        "refuse",
        "Refuse the offer, naming the right office, or null for a coordinator",
        "token",
        "not-offered-to-you",
        "unknown-office",
        "named-office",
        "office-cannot-hold",
        body=schemas.RefuseInput,
    )
    def refuse(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.REFUSE, lambda s, a: custody.refuse(s.case, a, s.directory, **call.body))

    @act("withdraw", "Take your handoff back and keep the report", "token", "not-holder", "nothing-pending")
    def withdraw(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.WITHDRAW, lambda s, a: custody.withdraw(s.case, a))

    @act(
        "assign",
        "Assign the report, as its coordinator; it binds at once",
        "token",
        "not-coordinator",
        "unknown-office",
        "named-office",
        "office-cannot-hold",
        body=schemas.AssignInput,
    )
    def assign(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.ASSIGN, lambda s, a: custody.assign(s.case, a, s.directory, **call.body))

    @act(
        "convene",
        "Bring the report before a coordinator; bound by one, return it to that one",
        "token",
        "not-holder",
        "already-requested",
        body=schemas.ConveneInput,
    )
    def convene(self, call: Call, code: str) -> Answer:
        return self._do(
            call, code, Action.RETURN, lambda s, a: custody.ask_for_coordinator(s.case, a, s.directory, **call.body)
        )

    @act(
        "pause",
        "Pause your own clock, with a reason and an end; the citizen's goes on",
        "token",
        "not-holder",
        "already-requested",
        body=schemas.PauseInput,
    )
    def pause(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.PAUSE, lambda s, a: custody.pause(s.case, a, **call.body))

    @act(
        "resolve",
        "Say that it is done",
        "token",
        "not-holder",
        "already-requested",
        "referral-open",
        body=schemas.ResolveInput,
    )
    def resolve(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.RESOLVE, lambda s, a: custody.resolve(s.case, a, **call.body))

    def _asked(self, call: Call, code: str, action: Action, rule: Rule) -> Answer:
        """As :meth:`_do`; the answer says where to watch the decision."""
        answer = self._do(call, code, action, rule)
        place = f"{BASE}/tickets/{answer.data['code']}/handoffs/{answer.data['event']}"
        return replace(answer, headers={"Location": place})
