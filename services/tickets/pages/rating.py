"""The page where a reporter rates how a report was handled: every question on it, each one skippable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web import Problem
from estafet.web.schemas import load
from services.tickets import learning
from services.tickets.access.sight import MISS, answered, read_code, take_with
from services.tickets.directory import Directory
from services.tickets.pages import keys
from services.tickets.pages.addresses import path_of
from services.tickets.pages.following import seen
from services.tickets.pages.forms import number
from services.tickets.pages.visit import Visit, page
from services.tickets.rating.ratings import may_rate, rate, rating
from services.tickets.rating.survey import CONTACTED, ELEMENTS, REMARK_LIMIT, SCORES, RatingInput


class Rating:
    relay: Works

    @page("GET", "/t/<code>/rate", "Rate how it was handled", miss=MISS)
    def rate_page(self, visit: Visit, code: str) -> Response:
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
            visit.code = read_code(code, city)
            sight = seen(visit, connection)
            may_rate(sight)
            given = rating(connection, visit.code)
        return _form(visit, city, given or {"scores": {}, "offices_contacted": None, "remark": None})

    @page("POST", "/t/<code>/rate", "Rate it", miss=MISS)
    def rate_by_page(self, visit: Visit, code: str) -> Response:
        with answered(), self.relay.begin() as work:
            city = learning.needed_by(work)
            visit.code = read_code(code, city)
            sight = take_with(keys.kept(visit), work, visit.code)
            may_rate(sight)
            given = load(RatingInput, rating_of(visit.form))
            try:
                rate(work, sight, given)
            except Problem as problem:
                if problem.kind.slug != "invalid":
                    raise
                return _form(visit, city, given, 422)
        return visit.go(f"{path_of(visit.code)}?done=rate")


def rating_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form as the API takes it. A question left as it was is skipped."""
    return {
        "scores": {each: _number(form.get(each)) for each in ELEMENTS},
        "offices_contacted": _number(form.get("offices_contacted")),
        "remark": form.get("remark") or None,
    }


def _number(text: Any) -> Any:
    """What is no digit is left for the schema to refuse."""
    found = number(text, 1)
    return (text or None) if found is None else found


def _form(visit: Visit, city: Directory, given: Mapping[str, Any], status: int = 200) -> Response:
    return visit.draw(
        "rate/rate.html",
        status,
        city=city,
        code=visit.code,
        given=given,
        empty=status != 200,
        elements=ELEMENTS,
        scores=SCORES,
        contacted=CONTACTED,
        most=REMARK_LIMIT,
    )
