"""The front page: in danger call, else report, or follow by code; and the files that pages load."""

from __future__ import annotations

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web import Call, api
from services.tickets import codes, learning
from services.tickets.access.sight import answered
from services.tickets.codes import Mistyped
from services.tickets.pages import files
from services.tickets.pages.addresses import mistake, path_of
from services.tickets.pages.visit import DIALECT, Visit, page


class Front:
    relay: Works
    public_url: str

    @page("GET", "/", "The front page; with a code, the way to that report")
    def front_page(self, visit: Visit) -> Response:
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
        asked, fault = visit.request.args.get("code", "").strip(), None
        if asked:
            try:
                return visit.go(path_of(codes.read(asked, city.code_prefix)))
            except Mistyped as error:
                fault = mistake(error, visit, city)
        return visit.draw("front.html", 400 if fault else 200, city=city, asked=asked, fault=fault)

    @api("GET", f"{files.BASE}/<name>", "A file that pages load", dialect=DIALECT)
    def page_file(self, call: Call, name: str) -> Response:
        return files.respond(name, call.request)
