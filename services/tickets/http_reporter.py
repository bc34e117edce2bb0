"""HTTP: what the reporter does with a report, and the notes that anybody entitled adds."""

from __future__ import annotations

from estafet.web import Answer, Call, Problem
from services.tickets import custody, schemas
from services.tickets.acting import Acting, act
from services.tickets.custody import Act, Outcome
from services.tickets.entitlement import Action
from services.tickets.sight import Sight


class Reporter(Acting):
    @act("confirm", "Agree that it is done: closed", "secret", "not-resolved", "referral-open")
    def confirm(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.CONFIRM, lambda s, a: custody.confirm(s.case, a))

    @act("object", "Disagree: it reopens", "secret", "not-resolved", body=schemas.ObjectInput)
    def object_to(self, call: Call, code: str) -> Answer:
        words = call.body["words"]

        def rule(sight: Sight, act: Act) -> Outcome:
            if words:
                return custody.note(sight.case, act).then(custody.object_to(sight.case, act))
            return custody.object_to(sight.case, act)

        return self._do(call, code, Action.OBJECT, rule, words)

    @act("consent", "Say what may be shared with an outside agency", "secret", body=schemas.ConsentInput)
    def consent(self, call: Call, code: str) -> Answer:
        fields = tuple(call.body["fields_"])
        return self._do(call, code, Action.CONSENT, lambda s, a: custody.consent(s.case, a, s.directory, fields=fields))

    @act("notes", "Add a note", "token secret", body=schemas.NoteInput, status=201)
    def add_note(self, call: Call, code: str) -> Answer:
        def rule(sight: Sight, act: Act) -> Outcome:
            if act.by is None and not call.body["public"]:
                raise Problem("invalid", "A reporter's note is public.", [("public", "only offices may hide a note")])
            return custody.note(sight.case, act, public=call.body["public"])

        return self._do(call, code, Action.NOTE, rule, call.body["text"])
