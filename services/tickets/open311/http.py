"""HTTP: Open311 GeoReport v2, and mySociety's updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from estafet.events import new_id
from estafet.relay.work import Work, Works
from estafet.web import Call, Problem, api
from services.tickets import idempotency, learning
from services.tickets.access import tokens
from services.tickets.access.entitlement import Action, may, standing
from services.tickets.access.sight import answered, take_as, token_of
from services.tickets.access.tokens import Token
from services.tickets.acting import perform
from services.tickets.open311 import filing, requests, schemas, services, updates
from services.tickets.open311.answering import BASE, DIALECT, require, respond, split
from services.tickets.open311.rendering import Document, Items
from services.tickets.submitting import submit


def _endpoint(
    method: str, path: str, summary: str, **declaration: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return api(method, f"{BASE}/{path}.<format>", summary, dialect=DIALECT, **declaration)


class Open311:
    relay: Works
    key: bytes
    public_url: str

    @_endpoint("GET", "discovery", "Where the interface is, and in which formats", query=schemas.Parameters)
    def open311_discovery(self, call: Call, format: str) -> Any:
        with answered(), self.relay.database.read() as connection:
            directory = learning.needed(connection)
        return respond(services.discovery(directory, f"{self.public_url}{BASE}"), format)

    @_endpoint("GET", "services", "What can be reported", query=schemas.Parameters)
    def open311_services(self, call: Call, format: str) -> Any:
        with answered(), self.relay.database.read() as connection:
            directory = learning.needed(connection)
        return respond(services.services(directory), format)

    @_endpoint("GET", "services/<name>", "What a category asks for", query=schemas.Parameters)
    def open311_definition(self, call: Call, name: str, format: str) -> Any:
        code, format = split(name, format)
        with answered(), self.relay.database.read() as connection:
            directory = learning.needed(connection)
        service = directory.services.get(code)
        if service is None:
            raise Problem("not-found", "There is no such service_code. The list of services names them.")
        return respond(services.definition(service, directory), format)

    @_endpoint("GET", "requests", "Reports, the latest first", query=schemas.RequestsQuery)
    def open311_requests(self, call: Call, format: str) -> Any:
        with answered(), self.relay.database.read() as connection:
            directory, app = learning.needed(connection), self._app(call, connection)
            if call.query["service_request_id"]:
                rows = requests.named(connection, call.query["service_request_id"][: schemas.MOST], directory, app)
            else:
                rows = requests.listed(connection, call.query, self.relay.clock.now(), app)
        return respond(requests.document(rows, directory, app, self.relay.clock.now()), format)

    @_endpoint("GET", "requests/<name>", "One report", query=schemas.Parameters)
    def open311_request(self, call: Call, name: str, format: str) -> Any:
        code, format = split(name, format)
        with answered(), self.relay.database.read() as connection:
            directory, app = learning.needed(connection), self._app(call, connection)
            rows = requests.named(connection, [code], directory, app)
        if not rows:
            raise Problem("not-found", "There is no such service_request_id.")
        return respond(requests.document(rows, directory, app, self.relay.clock.now()), format)

    @_endpoint("GET", "tokens/<name>", "The id that a token stands for", query=schemas.Parameters)
    def open311_token(self, call: Call, name: str, format: str) -> Any:
        """Ids are given at once, so no token is ever: an id stands for itself, for clients that ask all the same."""
        code, format = split(name, format)
        with answered(), self.relay.database.read() as connection:
            rows = requests.named(connection, [code], learning.needed(connection), None)
        if not rows:
            raise Problem("not-found", "There is no such token.")
        same = {"service_request_id": rows[0]["code"], "token": code}
        return respond(Document("service_requests", Items("request", [same])), format)

    @_endpoint("POST", "requests", "Submit a report", body=schemas.RequestInput, weight=4)
    def open311_file(self, call: Call, format: str) -> Any:
        require(format)
        with answered():
            return respond(self.relay.share(lambda work: self._file(call, work)), format)

    def _file(self, call: Call, work: Work) -> Document:
        token = self._token(call, work.connection, Action.SEND)
        directory = learning.needed_by(work)
        opened = submit(work, self.key, filing.submission(call.body, call.idempotency_key, token, directory))
        return filing.filed(opened.code, call.body, directory)

    @_endpoint("GET", "servicerequestupdates", "What happened to the reports that an app sent", query=schemas.Pages)
    def open311_updates(self, call: Call, format: str) -> Any:
        query = call.query
        with answered(), self.relay.database.read() as connection:
            token = self._token(call, connection, Action.FOLLOW)
            assert token.app is not None
            directory = learning.needed(connection)
            since, until = requests.window(query["start_date"], query["end_date"], self.relay.clock.now())
            rows = updates.steps(connection, token.app, since, until, query["page"], query["page_size"])
        return respond(updates.document(rows, directory), format)

    @_endpoint("POST", "servicerequestupdates", "Say something about a report", body=schemas.UpdateInput)
    def open311_update(self, call: Call, format: str) -> Any:
        require(format)
        body = call.body
        with answered(), self.relay.begin() as work:
            token = self._token(call, work.connection, Action.FOLLOW)
            sight = take_as(token, work, body["service_request_id"])
            sight.require(Action.ANSWER)
            id = new_id()
            first = self._first_update(work, token, body, sight.case.code, id)
            if first == id:
                status, written_at = body["status"], body["updated_datetime"]
                perform(
                    work,
                    sight,
                    Action.ANSWER,
                    lambda s, a: updates.apply(s.case, a, id, status, written_at, s.resolved_at),
                    None,
                    body["description"],
                )
        return respond(updates.answered(first), format)

    def _first_update(self, work: Work, token: Token, body: dict[str, Any], code: str, id: str) -> str:
        """The given id, or that of the first update with the same ``update_id``. What it says is not kept here."""
        scope = f"open311-update:{token.app}"
        try:
            request = {"report": code}
            first = idempotency.claim(work.connection, scope, body["update_id"], request, UUID(id).hex, work.now)
        except idempotency.Reused as error:
            reason = "was used for another report"
            raise Problem("key-reused", f"update_id: {reason}.", [("update_id", reason)]) from error
        return str(UUID(first))

    def _token(self, call: Call, connection: Connection, action: Action) -> Token:
        """The app's token, from the ``Authorization`` header or ``api_key``.

        Raises:
            Problem: there is none, it is wrong, or it is no app's.
        """
        token = self._shown(call, connection)
        if token is None:
            raise Problem("no-token", "api_key is missing. The operator of the city's reports issues it.")
        if not may(standing(token.role), action):
            raise Problem("not-entitled", "This token is no app's. Send the app's own as api_key.")
        return token

    def _app(self, call: Call, connection: Connection) -> str | None:
        token = self._shown(call, connection)
        return token.app if token else None

    def _shown(self, call: Call, connection: Connection) -> Token | None:
        now = self.relay.clock.now()
        token = token_of(call, connection, now)
        text = (call.body or call.query).get("api_key")
        if token is not None or text is None:
            return token
        token = tokens.find(connection, text, now)
        if token is None:
            raise Problem("wrong-token", "api_key is unknown, revoked or expired. Ask the operator for a new one.")
        return token
