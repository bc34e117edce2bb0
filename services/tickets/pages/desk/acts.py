"""What is done to a report at a desk: one form an act, each at the version that its writer saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from estafet.events.reasons import REASONS
from estafet.relay.work import Works
from estafet.web import Problem
from estafet.web.schemas import load
from services.tickets import learning, notes
from services.tickets.access.sight import Sight, answered, look_as, read_code, take_as
from services.tickets.acting import perform
from services.tickets.custody import foresight
from services.tickets.pages.desk import choosing
from services.tickets.pages.desk.act_forms import ACT_FORMS, ActForm
from services.tickets.pages.desk.addresses import list_address, place_of
from services.tickets.pages.desk.frame import draw
from services.tickets.pages.desk.report import Unsent, show
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.forms import version_in
from services.tickets.pages.photos import sent
from services.tickets.pages.visit import Visit
from services.tickets.photos.darkroom import Photo
from services.tickets.photos.rule import FORM
from services.tickets.signin.sessions import Seat

#: Acts whose consequence is told before they are sent, by the field with the office they name.
_FORESEEN = {"handoff": "receiver", "refuse": "right_office"}


class DeskActs:
    relay: Works
    public_url: str

    @desk_page("POST", "/t/<code>/check", "What would come of a handoff or a refusal")
    def check_act(self, visit: Visit, seat: Seat, code: str) -> Response:
        """Changes nothing: it says what the final button will do."""
        name = str(visit.form.get("act", ""))
        if name not in _FORESEEN:
            raise Problem("malformed", "Only a handoff or a refusal is looked at before.")
        act_form, form = ACT_FORMS[name], visit.form
        if form.get("again"):
            return show(self.relay, visit, seat, code, Unsent(name, form))
        try:
            given = load(act_form.schema, act_form.given(form))
            with answered(), self.relay.database.read() as connection:
                visit.code = read_code(code, learning.needed(connection))
                sight = look_as(seat.token, connection, visit.code)
                sight.require(act_form.action, version_in(form.get("version")))
            if sight.case.version != version_in(form.get("version")):
                raise Problem("stale", "The report has changed. Read it again, then decide.")
        except Problem as problem:
            return show(self.relay, visit, seat, code, Unsent(name, form, problem))
        office = given[_FORESEEN[name]]
        foreseen = (foresight.handoff if name == "handoff" else foresight.refusal)(sight.case, sight.directory, office)
        return draw(
            visit,
            seat,
            sight.directory,
            "desk/check.html",
            act=name,
            code=visit.code,
            fate=foreseen.fate.value,
            says=choosing.says(foreseen, office, sight, visit.words),
            chosen=sight.directory.name(office) if office else visit.words(f"desk.choose.open_{name}"),
            sentence=getattr(REASONS[given["reason"]], visit.words.language),
            written=given["words"],
            sent={field: str(form.get(field, "")) for field in (*act_form.fields, "version")},
        )

    @desk_page("POST", "/t/<code>/<act>", "Act on a report", files=FORM)
    def act_at_desk(self, visit: Visit, seat: Seat, code: str, act: str) -> Response:
        act_form = ACT_FORMS.get(act)
        if act_form is None:
            raise Problem("not-found", "There is no such act.")
        if visit.files and not act_form.photos:
            raise Problem("malformed", "No photos come with this act. Send them with a note.")
        try:
            self._perform(visit, seat, code, act_form)
        except Problem as problem:
            return show(self.relay, visit, seat, code, Unsent(act, visit.form, problem))
        assert visit.code is not None
        if act == "refuse":  # a report that was refused is not on this desk any more
            return visit.go(f"{list_address('offered')}&done={act}")
        return visit.go(f"{place_of(visit.code)}?done={act}")

    def _perform(self, visit: Visit, seat: Seat, code: str, act_form: ActForm) -> None:
        def rule(sight: Sight, act: Any) -> Any:
            return act_form.rule(sight, act, **given)

        given: Mapping[str, Any] = load(act_form.schema, act_form.given(visit.form))
        # A note is to the report as it is by then, so it names no version.
        version = None if act_form.note else version_in(visit.form.get("version"))
        photos = self._evidence(visit, seat, code, act_form, version) if visit.files else ()
        with answered(), self.relay.begin() as work:
            visit.code = read_code(code, learning.needed_by(work))
            sight = take_as(seat.token, work, visit.code)
            note = given["text"] if act_form.note else None
            if note is None or not notes.is_repeated(work, sight, act_form.action, note, photos):
                perform(work, sight, act_form.action, rule, version, note, photos)

    def _evidence(
        self, visit: Visit, seat: Seat, code: str, act_form: ActForm, version: int | None
    ) -> tuple[Photo, ...]:
        """Of nobody else any are looked into."""
        with answered(), self.relay.database.read() as connection:
            visit.code = read_code(code, learning.needed(connection))
            look_as(seat.token, connection, visit.code).require(act_form.action, version)
        return sent(visit)
