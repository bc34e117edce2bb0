"""HTTP: what the reporter thinks of how the report was handled."""

from __future__ import annotations

from typing import Any

from estafet.relay.work import Works
from estafet.web import Call, Problem, api
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE, MISS, answered, look, take
from services.tickets.rating.ratings import rate, rating
from services.tickets.rating.survey import RatingInput, RatingView

_PATH = f"{BASE}/tickets/<code>/rating"
_PROBLEMS = ("no-token", "not-entitled", "not-found", "mistyped-code")


class Rating:
    relay: Works

    @api(
        "POST",
        _PATH,
        "Rate how a resolved or closed report was handled; the last rating counts",
        body=RatingInput,
        answer=RatingView,
        auth=("secret",),
        miss=MISS,
        problems=(*_PROBLEMS, "not-resolved"),
    )
    def rate_ticket(self, call: Call, code: str) -> dict[str, Any] | None:
        with answered(), self.relay.begin() as work:
            sight = take(call, work, code)
            rate(work, sight, call.body)
            return rating(work.connection, sight.case.code)

    @api(
        "GET",
        _PATH,
        "Read the rating: for its reporter, auditors and the coordinators above",
        answer=RatingView,
        auth=("token", "secret"),
        miss=MISS,
        problems=_PROBLEMS,
    )
    def read_rating(self, call: Call, code: str) -> dict[str, Any]:
        with answered(), self.relay.database.read() as connection:
            sight = look(call, connection, code, self.relay.clock.now())
            sight.require(Action.RATING)
            found = rating(connection, sight.case.code)
        if found is None:
            raise Problem("not-found", "The report was not rated.")
        return found
