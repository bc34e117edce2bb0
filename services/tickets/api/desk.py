"""HTTP: an office's desk, and the city's directory."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from estafet.relay.work import Works
from estafet.web import Call, Problem, api
from services.tickets import learning, worklist
from services.tickets.access.entitlement import Action, may, standing
from services.tickets.access.sight import BASE, answered, office_of, token_of
from services.tickets.api import schemas
from services.tickets.api.answers import DeskPage
from services.tickets.api.city_answers import DirectoryView, OfficeList, OfficeView, ServiceList


class Desk:
    relay: Works

    @api(
        "GET",
        f"{BASE}/desk",
        "What is offered to your office, held by it, overdue, waits for others, is its to decide, or guarded by it",
        query=schemas.DeskQuery,
        answer=DeskPage,
        auth=("token",),
        problems=("not-entitled",),
    )
    def read_desk(self, call: Call) -> Any:
        query = call.query
        action = Action.DESK_CONVENED if query["list"] == "convened" else Action.DESK
        now = self.relay.clock.now()
        with answered(), self.relay.database.read() as connection:
            office = office_of(call, connection, now, action)
            try:
                return worklist.page(
                    connection, query["list"], office, now, query["limit"], query["cursor"], query["q"]
                )
            except worklist.BadCursor as error:
                reason = "send back what `next` said, or leave it out"
                raise Problem("invalid", f"cursor: {reason}.", [("cursor", reason)]) from error

    @api(
        "GET",
        f"{BASE}/offices",
        "The city's offices and the agencies around it",
        query=schemas.OfficesQuery,
        answer=OfficeList,
    )
    def list_offices(self, call: Call) -> dict[str, Any]:
        kind = call.query["kind"]
        with answered(), self.relay.database.read() as connection:
            offices = learning.needed(connection).offices.values()
        return {"items": [each for each in offices if kind in (None, each.kind)]}

    @api(
        "GET",
        f"{BASE}/offices/<code>",
        "One office; with a token, how much it holds",
        answer=OfficeView,
        auth=("", "token"),
        problems=("not-found",),
    )
    def read_office(self, call: Call, code: str) -> dict[str, Any]:
        with answered(), self.relay.database.read() as connection:
            token = token_of(call, connection, self.relay.clock.now())
            office = learning.needed(connection).office(code)
            if office is None:
                raise Problem("not-found", f"There is no such office. {BASE}/offices lists them.")
            shown = asdict(office)
            if may(standing(token.role if token else None), Action.LOAD):
                shown["held"] = worklist.count_held(connection, code)
        return shown

    @api("GET", f"{BASE}/services", "What can be reported", answer=ServiceList)
    def list_services(self, call: Call) -> dict[str, Any]:
        with answered(), self.relay.database.read() as connection:
            services = learning.needed(connection).services.values()
        return {"items": services}

    @api("GET", f"{BASE}/directory", "The city, its areas and its emergency number", answer=DirectoryView)
    def read_directory(self, call: Call) -> Any:
        with answered(), self.relay.database.read() as connection:
            return learning.needed(connection)
