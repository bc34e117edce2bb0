"""HTTP: photos of a report, sent with a note, and read."""

from __future__ import annotations

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web import Answer, Call, api
from services.tickets import custody, views
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE, MISS, answered, look, take
from services.tickets.acting import Acting, act, perform
from services.tickets.api import schemas
from services.tickets.photos import rule, showing
from services.tickets.photos.darkroom import MEDIA_TYPE, develop

#: A photo takes much longer to make ready than anything else that is asked for.
_WEIGHT = 8


class Attachments(Acting):
    relay: Works

    @act(
        "attachments",
        "Add photos, with a note: multipart/form-data",
        "token secret",
        "unfit-photo",
        body=schemas.AttachmentsInput,
        files=rule.FORM,
        status=201,
        weight=_WEIGHT,
        miss=MISS,
    )
    def add_photos(self, call: Call, code: str) -> Answer:
        public, text = call.body["public"], call.body["text"]
        action = Action.NOTE if public else Action.HIDDEN_NOTE
        with answered(), self.relay.database.read() as connection:
            look(call, connection, code, self.relay.clock.now()).require(action, call.version)
        photos = develop(call.body["photos"])
        with answered(), self.relay.begin() as work:
            noted, said = perform(
                work,
                take(call, work, code),
                action,
                lambda s, a: custody.note(s.case, a, public=public),
                call.version,
                text,
                photos,
            )
        return Answer(views.acted(noted.case, said), version=noted.case.version)

    @api(
        "GET",
        f"{BASE}/tickets/<code>/attachments/<id>",
        "Read a photo, or its thumbnail",
        query=schemas.AttachmentQuery,
        media_type=MEDIA_TYPE,
        auth=("token", "secret"),
        miss=MISS,
        problems=("mistyped-code", "not-found", "not-entitled"),
    )
    def read_photo(self, call: Call, code: str, id: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            return showing.photo(connection, sight, id, call.request, small=call.query["small"])
