"""What a reporter does on the page of a report: open it with its key, reply, confirm, object, consent, close it."""

from __future__ import annotations

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web.schemas import load
from services.tickets import custody, learning, notes
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import MISS, Sight, answered, look_with, read_code, take_with
from services.tickets.acting import Rule, objection, perform
from services.tickets.api import schemas
from services.tickets.custody import Act, Outcome
from services.tickets.pages import keys
from services.tickets.pages.addresses import path_of
from services.tickets.pages.following import drawn
from services.tickets.pages.forms import version_in
from services.tickets.pages.photos import fault, sent
from services.tickets.pages.visit import Visit, page
from services.tickets.photos.darkroom import Photo
from services.tickets.photos.rule import FORM, Unfit
from services.tickets.reporters import secrets


class Replying:
    relay: Works
    public_url: str

    @page("POST", "/t/<code>/open", "Open a report with its key", miss=MISS)
    def open_by_page(self, visit: Visit, code: str) -> Response:
        secret = str(visit.form.get("secret", ""))
        with answered(), self.relay.database.read() as connection:
            visit.code = read_code(code, learning.needed(connection))
            look_with(secret, connection, visit.code).require(Action.RECEIPT)
        keys.keep(visit, visit.code, secrets.written(secret))
        return visit.go(path_of(visit.code))

    @page("POST", "/t/<code>/note", "Reply to the office that holds it", miss=MISS, files=FORM)
    def note_by_page(self, visit: Visit, code: str) -> Response:
        text = load(schemas.NoteInput, {"text": visit.form.get("text", "")})["text"]
        try:
            photos = self._photos(visit, code) if visit.files else ()
            # A reply is to the report as it is by then, so it names no version.
            return self._act(visit, code, Action.NOTE, lambda s, a: custody.note(s.case, a), None, text, photos)
        except Unfit as unfit:
            return drawn(self.relay, visit, code, "follow.html", text, {"photos": fault(unfit, visit)})

    @page("POST", "/t/<code>/confirm", "Agree that it is done", miss=MISS)
    def confirm_by_page(self, visit: Visit, code: str) -> Response:
        return self._act(
            visit, code, Action.CONFIRM, lambda s, a: custody.confirm(s.case, a), version_in(visit.form.get("version"))
        )

    @page("POST", "/t/<code>/object", "Disagree: it reopens", miss=MISS)
    def object_by_page(self, visit: Visit, code: str) -> Response:
        words = load(schemas.ObjectInput, {"words": visit.form.get("words") or None})["words"]
        return self._act(visit, code, Action.OBJECT, objection(words), version_in(visit.form.get("version")), words)

    @page("POST", "/t/<code>/consent", "Say what may be shared with an outside agency", miss=MISS)
    def consent_by_page(self, visit: Visit, code: str) -> Response:
        fields = load(schemas.ConsentInput, {"fields": list(dict.fromkeys(visit.form["consent"]))})["fields_"]

        def rule(sight: Sight, act: Act) -> Outcome:
            return custody.consent(sight.case, act, sight.directory, fields=tuple(fields))

        return self._act(visit, code, Action.CONSENT, rule, version_in(visit.form.get("version")))

    @page("POST", "/leave", "Forget the key of a report in this browser")
    def leave_by_page(self, visit: Visit) -> Response:
        with answered(), self.relay.database.read() as connection:
            code = read_code(str(visit.form.get("code", "")), learning.needed(connection))
        keys.forget(visit, code)
        return visit.go("/")

    def _photos(self, visit: Visit, code: str) -> tuple[Photo, ...]:
        """Of nobody else any are looked into."""
        with answered(), self.relay.database.read() as connection:
            visit.code = read_code(code, learning.needed(connection))
            look_with(keys.kept(visit), connection, visit.code).require(Action.NOTE)
        return sent(visit)

    def _act(
        self,
        visit: Visit,
        code: str,
        action: Action,
        rule: Rule,
        version: int | None,
        note: str | None = None,
        photos: tuple[Photo, ...] = (),
    ) -> Response:
        with answered(), self.relay.begin() as work:
            visit.code = read_code(code, learning.needed_by(work))
            sight = take_with(keys.kept(visit), work, visit.code)
            if action is not Action.NOTE or note is None or not notes.is_repeated(work, sight, action, note, photos):
                perform(work, sight, action, rule, version, note, photos)
        return visit.go(f"{path_of(visit.code)}?done={action.value}")
