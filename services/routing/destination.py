"""Where a category and a place point to: the competent office, the office of the place, or an agency with a holder."""

from __future__ import annotations

from dataclasses import dataclass

from services.routing.because import Because, because, because_of_category
from services.routing.city.directory import Directory
from services.routing.city.model import Service
from services.routing.pingpong import obstacle
from services.routing.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a category and a place point to, and why. Without an office nobody can be asked."""

    office: str | None
    because: Because
    refer: str | None = None


def destination(ticket: Ticket, directory: Directory) -> Destination:
    """The office that a report's category and place point to."""
    service = directory.service(ticket.category)
    if service is None:
        return Destination(None, because("unknown-category", category=ticket.category))
    if service.local:
        return _of_the_place(service, ticket.place, directory)
    competent = directory.competent(service.code)
    if competent is None:
        return Destination(None, _about(service, "unknown-category"))
    if competent.is_external:
        holder = _holder_for_agency(ticket, directory)
        facts = {"agency": competent.name, "office": directory.name(holder)}
        return Destination(holder, because("outside-agency", **facts), refer=competent.code)
    return Destination(competent.code, _about(service, "competent-office", office=competent.name))


def _of_the_place(service: Service, place: str | None, directory: Directory) -> Destination:
    office = directory.office_of_place(place)
    area = directory.area(place)
    if office is None or area is None:
        return Destination(None, _about(service, "unknown-place" if place else "place-missing", place=place))
    return Destination(office.code, _about(service, "local-office", place=area.name, office=office.name))


def _holder_for_agency(ticket: Ticket, directory: Directory) -> str:
    """Who stays the holder towards the citizen: the office of the place, else the one the policy names."""
    local = directory.office_of_place(ticket.place)
    if local is not None and obstacle(ticket, local.code, directory) is None:
        return local.code
    return directory.city.policy.external_holder


def _about(service: Service, rule: str, **facts: object) -> Because:
    names = service.name
    return because_of_category(rule, names.get("id", service.code), names.get("en", service.code), **facts)
