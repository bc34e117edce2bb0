"""HTTP: child cases at outside agencies."""

from __future__ import annotations

from typing import Any

from estafet.web import Answer, Call, Problem, api
from services.tickets import custody
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE, answered, look
from services.tickets.acting import PROBLEMS, Acting, act
from services.tickets.api import schemas
from services.tickets.api.answers import Package
from services.tickets.reporters import packaging


class Referrals(Acting):
    @act(
        "referrals",
        "Refer it to an outside agency, while you stay its holder",
        "token",
        "not-holder",
        "no-consent",
        "unknown-office",
        "referral-open",
        "named-office",
        body=schemas.ReferralInput,
        status=201,
    )
    def refer(self, call: Call, code: str) -> Answer:
        return self._do(call, code, Action.REFER, lambda s, a: custody.refer(s.case, a, s.directory, **call.body))

    @act("referrals/<id>/answer", "Record what the agency said", "token", "not-holder", body=schemas.AnswerInput)
    def answer_referral(self, call: Call, code: str, id: str) -> Answer:
        return self._do(call, code, Action.REFER, lambda s, a: custody.answer(s.case, a, referral=id, **call.body))

    @api(
        "GET",
        f"{BASE}/tickets/<code>/referrals/<id>/package",
        "What the agency may be given: the fields consented to, with their values; null where only it may read them",
        answer=Package,
        auth=("token",),
        problems=(*PROBLEMS, "not-holder"),
    )
    def read_package(self, call: Call, code: str, id: str) -> dict[str, Any]:
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            sight.require(Action.PACKAGE)
            found = next((each for each in sight.case.referrals if each.id == id), None)
            if found is None:
                raise Problem("not-found", "The report has no such referral.")
            values = packaging.package(connection, sight.case, sight.directory, found.shared)
        if not sight.may(Action.PACKAGE_IDENTITY):
            values |= dict.fromkeys(packaging.IDENTITY & values.keys())
        return {"agency": found.agency, "fields_": values}
