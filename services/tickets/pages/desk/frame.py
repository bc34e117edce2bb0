"""What stands around every page of a desk: which office's it is, its lists, the search, the way out."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from estafet.web import Problem
from services.tickets import learning
from services.tickets.access.entitlement import Action, may, standing
from services.tickets.access.sight import answered
from services.tickets.directory import Directory
from services.tickets.pages.desk.addresses import BASE, place_of
from services.tickets.pages.refusing import refusal
from services.tickets.pages.visit import Visit
from services.tickets.signin.sessions import Seat


def draw(visit: Visit, seat: Seat, city: Directory, template: str, status: int = 200, **facts: Any) -> Response:
    """A page of somebody's desk. Its templates extend ``desk/base.html``."""
    roles = standing(seat.token.role)
    around = {
        "city": city,
        "seat": seat,
        "office": city.name(seat.account.office) if seat.account.office else None,
        "decides": may(roles, Action.DESK_CONVENED),
        "counts": may(roles, Action.SUMS) or may(roles, Action.OWN_SUMS),
        "which": None,
        "q": "",
        "here": here(visit),
    }
    return visit.draw(template, status, **{**around, **facts})


def here(visit: Visit) -> str:
    """Where the page is read in the other language: after a form, where its report is."""
    if visit.request.method != "POST":
        return visit.request.path
    return place_of(visit.code) if visit.code else BASE


def refused(service: Any, visit: Visit, seat: Seat, problem: Problem) -> Response:
    """A problem, told at the desk."""
    with answered(), service.relay.database.read() as connection:
        city = learning.known(connection)
    if city is None:
        raise problem
    told = refusal(problem, visit.words, visit.code)
    response = draw(visit, seat, city, "desk/refused.html", told.status, told=told, forbidden=problem.kind.slug)
    response.headers.update(told.headers)
    return response
