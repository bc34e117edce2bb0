"""A photo of a report as somebody at a desk sees it."""

from __future__ import annotations

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets.access.sight import answered, look_as
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.visit import Visit
from services.tickets.photos import showing
from services.tickets.signin.sessions import Seat


class DeskPhotoPage:
    relay: Works
    public_url: str

    @desk_page("GET", "/t/<code>/photo/<id>", "A photo of a report, or its thumbnail")
    def photo_at_desk(self, visit: Visit, seat: Seat, code: str, id: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            sight = look_as(seat.token, connection, code)
            return showing.photo(connection, sight, id, visit.request, small="small" in visit.request.args)
