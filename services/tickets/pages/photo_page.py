"""A photo of a report as its reporter sees it."""

from __future__ import annotations

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets import learning
from services.tickets.access.sight import MISS, answered, read_code
from services.tickets.pages.following import seen
from services.tickets.pages.visit import Visit, page
from services.tickets.photos import showing


class PhotoPage:
    relay: Works
    public_url: str

    @page("GET", "/t/<code>/photo/<id>", "A photo of a report, with its key; or its thumbnail", miss=MISS)
    def photo_by_page(self, visit: Visit, code: str, id: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            visit.code = read_code(code, learning.needed(connection))
            sight = seen(visit, connection)
            return showing.photo(connection, sight, id, visit.request, small="small" in visit.request.args)
