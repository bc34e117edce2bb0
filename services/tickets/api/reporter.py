"""HTTP: what the reporter does with a report, and the notes that anybody entitled adds."""

from __future__ import annotations

from estafet.web import Answer, Call
from services.tickets import custody
from services.tickets.access.entitlement import Action
from services.tickets.acting import Acting, act, objection
from services.tickets.api import schemas


class Reporter(Acting):
    @act("confirm", "Agree that it is done: closed", "secret", "not-resolved", "referral-open")
    def confirm(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.CONFIRM, lambda s, a: custody.confirm(s.case, a))

    @act("object", "Disagree: it reopens", "secret", "not-resolved", body=schemas.ObjectInput)
    def object_to(self, call: Call, code: str) -> Answer:
        words = call.body["words"]
        return self._do(call, code, Action.OBJECT, objection(words), words)

    @act("consent", "Say what may be shared with an outside agency", "secret", body=schemas.ConsentInput)
    def consent(self, call: Call, code: str) -> Answer:
        fields = tuple(call.body["fields_"])
        return self._do(call, code, Action.CONSENT, lambda s, a: custody.consent(s.case, a, s.directory, fields=fields))

    @act("notes", "Add a note", "token secret", body=schemas.NoteInput, status=201)
    def add_note(self, call: Call, code: str) -> Answer:
        public = call.body["public"]
        action = Action.NOTE if public else Action.HIDDEN_NOTE
        return self._do(call, code, action, lambda s, a: custody.note(s.case, a, public=public), call.body["text"])
