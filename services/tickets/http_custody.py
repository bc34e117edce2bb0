"""HTTP: what offices and reporters do with a report. Each act names the version it was decided on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import insert

from estafet.relay.work import Work, Works
from estafet.web import Answer, Call, Problem, api
from services.tickets import custody, packaging, schemas, views
from services.tickets.answers import Acted, Package
from services.tickets.custody import Act, Outcome
from services.tickets.entitlement import Action
from services.tickets.http_reports import BASE
from services.tickets.sight import Sight, answered, look, take
from services.tickets.store import Cases
from services.tickets.tables import notes

#: A rule of custody with everything but the report given: it answers what the act makes true.
Rule = Callable[[Sight, Act], Outcome]

_OFFICE = ("no-token", "not-entitled", "not-found", "mistyped-code", "closed", "resolved")


def _act(
    path: str, summary: str, auth: str, *problems: str, **declaration: Any
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    declaration = {"answer": Acted, "body": schemas.Nothing, **declaration}
    return api(
        "POST",
        f"{BASE}/tickets/<code>/{path}",
        summary,
        auth=tuple(auth.split()),
        versioned=True,
        problems=(*_OFFICE, *problems),
        **declaration,
    )


class Custody:
    relay: Works

    @_act(
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

    @_act("accept", "Take the report that is offered to you", "token", "not-offered-to-you")
    def accept(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.ACCEPT, lambda s, a: custody.accept(s.case, a))

    @_act(
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

    @_act("withdraw", "Take your handoff back and keep the report", "token", "not-holder", "nothing-pending")
    def withdraw(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.WITHDRAW, lambda s, a: custody.withdraw(s.case, a))

    @_act(
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

    @_act(
        "convene",
        "Bring the report before a coordinator; bound by one, return it to that one",
        "token",
        "not-holder",
        "already-requested",
        body=schemas.ConveneInput,
    )
    def convene(self, call: Call, code: str) -> Answer:
        def rule(sight: Sight, act: Act) -> Outcome:
            if sight.case.bound_by is not None:
                return custody.give_back(sight.case, act, sight.directory, **call.body)
            return custody.request(sight.case, act, sight.directory, convene=True, **call.body)

        return self._do(call, code, Action.RETURN, rule)

    @_act(
        "pause",
        "Pause your own clock, with a reason and an end; the citizen's goes on",
        "token",
        "not-holder",
        "already-requested",
        body=schemas.PauseInput,
    )
    def pause(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.PAUSE, lambda s, a: custody.pause(s.case, a, **call.body))

    @_act(
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

    @_act("confirm", "Agree that it is done: closed", "secret", "not-resolved", "referral-open")
    def confirm(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.CONFIRM, lambda s, a: custody.confirm(s.case, a))

    @_act("object", "Disagree: it reopens", "secret", "not-resolved", body=schemas.ObjectInput)
    def object_to(self, call: Call, code: str) -> Answer:
        words = call.body["words"]

        def rule(sight: Sight, act: Act) -> Outcome:
            outcome = custody.object_to(sight.case, act)
            return outcome.then(custody.note(outcome.case, replace(act, version=None))) if words else outcome

        return self._do(call, code, Action.OBJECT, rule, words)

    @_act("consent", "Say what may be shared with an outside agency", "secret", body=schemas.ConsentInput)
    def consent(self, call: Call, code: str) -> Answer:
        fields = tuple(call.body["fields_"])
        return self._do(call, code, Action.CONSENT, lambda s, a: custody.consent(s.case, a, s.directory, fields=fields))

    @_act("notes", "Add a note", "token secret", body=schemas.NoteInput, status=201)
    def add_note(self, call: Call, code: str) -> Answer:
        def rule(sight: Sight, act: Act) -> Outcome:
            if act.by is None and not call.body["public"]:
                raise Problem("invalid", "A reporter's note is public.", [("public", "only offices may hide a note")])
            return custody.note(sight.case, act, public=call.body["public"])

        return self._do(call, code, Action.NOTE, rule, call.body["text"])

    @_act(
        "referrals",
        "Refer it to an outside agency, while you stay its holder",
        "token",
        "not-holder",
        "no-consent",
        "unknown-office",
        "referral-open",
        "named-office",
        body=schemas.ReferralInput,
        status=201,
    )
    def refer(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.REFER, lambda s, a: custody.refer(s.case, a, s.directory, **call.body))

    @_act("referrals/<id>/answer", "Record what the agency said", "token", "not-holder", body=schemas.AnswerInput)
    def answer_referral(self, call: Call, code: str, id: str) -> Answer:
        return self._do(call, code, Action.REFER, lambda s, a: custody.answer(s.case, a, referral=id, **call.body))

    @api(
        "GET",
        f"{BASE}/tickets/<code>/referrals/<id>/package",
        "What the agency may be given: the fields consented to, with their values",
        answer=Package,
        auth=("token",),
        problems=(*_OFFICE, "not-holder"),
    )
    def read_package(self, call: Call, code: str, id: str) -> dict[str, Any]:
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            sight.require(Action.PACKAGE)
            found = next((each for each in sight.case.referrals if each.id == id), None)
            if found is None:
                raise Problem("not-found", "The report has no such referral.")
            values = packaging.package(connection, sight.case, sight.directory, found.shared)
        return {"agency": found.agency, "fields_": values}

    def _asked(self, call: Call, code: str, action: Action, rule: Rule) -> Answer:
        """As :meth:`_do`; the answer says where to watch the decision."""
        answer = self._do(call, code, action, rule)
        place = f"{BASE}/tickets/{answer.data['code']}/handoffs/{answer.data['event']}"
        return replace(answer, headers={"Location": place})

    def _do(self, call: Call, code: str, action: Action, rule: Rule, note: str | None = None) -> Answer:
        with answered(), self.relay.begin() as work:
            sight = take(call, work, code)
            sight.require(action, call.version)
            act = Act(by=_by(sight, action), version=call.version, now=work.now)
            outcome = rule(sight, act)
            events = Cases.of(work).save(work, outcome)
            packaging.hand_over(work, outcome, sight.directory)
            if note is not None:
                _keep_note(work, outcome, note)
        said = events[0].id if events else None
        return Answer(views.acted(outcome.case, said), version=outcome.case.version)


#: What only the reporter does, whatever token came along.
_REPORTERS = (Action.CONFIRM, Action.OBJECT, Action.CONSENT)


def _by(sight: Sight, action: Action) -> str | None:
    return None if action in _REPORTERS else sight.office


def _keep_note(work: Work, outcome: Outcome, text: str) -> None:
    said = next(each for each in outcome.said if each.name == "note.added")
    row = {"id": said.id, "code": outcome.case.code, "office": said.data["office"], "public": said.data["public"]}
    work.connection.execute(insert(notes).values(**row, text=text, at=work.now))
