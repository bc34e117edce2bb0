"""HTTP: submit a report, read it and its chain."""

from __future__ import annotations

from typing import Any

from estafet.relay.work import Work, Works
from estafet.web import Answer, Call, Problem, api
from services.tickets import learning, recording, views
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE, MISS, Sight, answered, look, token_of
from services.tickets.api import answers, schemas
from services.tickets.api.answers import ChainPage, HandoffView, TicketView, Verified
from services.tickets.directory import Directory
from services.tickets.emergency import told_first
from services.tickets.opened import Opened
from services.tickets.submitting import Submission, submit

_SEEN_BY = ("", "token", "secret")
_NOT_SEEN = ("mistyped-code", "not-found")


class Reports:
    relay: Works
    key: bytes

    @api(
        "POST",
        f"{BASE}/reports",
        "Submit a report",
        body=schemas.ReportInput,
        answer=answers.Opened,
        status=201,
        auth=("", "token"),
        weight=4,
        headers={"Idempotency-Key": "The same request sent again with the same key opens no second report."},
        problems=("unknown-category", "key-reused"),
    )
    def submit_report(self, call: Call) -> Answer:
        with answered():
            return self.relay.share(lambda work: self._submit(call, work))

    def _submit(self, call: Call, work: Work) -> Answer:
        token = token_of(call, work.connection, work.now)
        scope, app = (token.id, token.app) if token else ("anonymous", None)
        opened = submit(work, self.key, Submission(call.body, scope, call.idempotency_key, app))
        return _opened(opened, learning.needed_by(work), call.body["category"])

    @api(
        "GET",
        f"{BASE}/tickets/<code>",
        "Read a report: its public view, or more with its secret or an office's token",
        answer=TicketView,
        auth=_SEEN_BY,
        miss=MISS,
        problems=_NOT_SEEN,
    )
    def read_ticket(self, call: Call, code: str) -> Answer:
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            return Answer(views.ticket(connection, sight), version=sight.case.version)

    @api(
        "GET",
        f"{BASE}/tickets/<code>/chain",
        "Read the chain of a report's messages",
        query=schemas.ChainQuery,
        answer=ChainPage,
        auth=_SEEN_BY,
        miss=MISS,
        problems=_NOT_SEEN,
    )
    def read_chain(self, call: Call, code: str) -> dict[str, Any]:
        after, limit = call.query["after"], call.query["limit"]
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            entries = list(recording.entries(connection, sight.case.code, after, limit + 1))
            head = recording.head(connection, sight.case.code)
        shown = entries[:limit]
        return {
            "code": sight.case.code,
            "entries": [_entry(each, sight) for each in shown],
            "next": shown[-1].position if len(entries) > limit else None,
            "head": head,
        }

    @api(
        "GET",
        f"{BASE}/tickets/<code>/chain/verify",
        "Verify that no entry of the chain was changed or removed",
        answer=Verified,
        auth=_SEEN_BY,
        miss=MISS,
        problems=_NOT_SEEN,
    )
    def verify_chain(self, call: Call, code: str) -> dict[str, Any]:
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            broken = recording.verify(connection, sight.case.code)
            head = recording.head(connection, sight.case.code)
        return {"ok": broken is None, "entries": head.position, "broken_at": broken}

    @api(
        "GET",
        f"{BASE}/tickets/<code>/handoffs/<id>",
        "Watch what becomes of a handoff",
        answer=HandoffView,
        auth=("token", "secret"),
        problems=(*_NOT_SEEN, "not-entitled"),
    )
    def read_handoff(self, call: Call, code: str, id: str) -> Any:
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            sight.require(Action.FULL_VIEW)
            found = views.handoff(connection, sight.case, id)
        if found is None:
            raise Problem("not-found", "The report has no such handoff.")
        return found


def _opened(opened: Opened, directory: Directory, category: str) -> Answer:
    """The same for a repeated request, whatever has become of the report since."""
    here = f"{BASE}/tickets/{opened.code}"
    data = {
        "emergency": told_first(directory, category),
        "code": opened.code,
        "secret": opened.secret,
        "version": 1,
        "status": "requested",
        "links": {"self": here, "chain": f"{here}/chain"},
    }
    return Answer(data, version=1, headers={"Location": here})


_ENTRY = answers.EntryView()


def _entry(entry: Any, sight: Sight) -> dict[str, Any]:
    shown: dict[str, Any] = _ENTRY.dump(entry)
    if not sight.may(Action.FULL_VIEW):
        del shown["body"]
    return shown
