"""Bringing a city into force."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import rfc8785

from estafet.events import encode
from estafet.events.envelope import MAX_BODY
from estafet.relay.work import Work, Works
from services.routing import store
from services.routing.city.error import CityError, Fault
from services.routing.city.model import City, Service


def load(works: Works, city: City) -> int:
    """Put a city into force and publish its directory, in one transaction. Answers the directory's number.

    A city equal to the one in force keeps its number and is published once more.

    Raises:
        CityError: an office would go, or could hold nothing any more, while reports are with it; or the directory is
            larger than one event may be.
    """
    document = _document(city)
    edition = _edition(document)
    with works.begin() as work:
        store.lock_directories(work.connection)
        number, in_force = store.newest_directory(work.connection) or (0, "")
        if in_force != edition:
            _refuse_to_strand(work, city)
            number += 1
            store.add_directory(work.connection, number, edition, document, work.now)
        event = work.emit("directory.published", published(city, edition, number))
        size = len(encode(event))
        if size > MAX_BODY:
            raise CityError([Fault("offices.yaml", "", "", f"{size} bytes as an event; {MAX_BODY} can be published")])
    return number


def edition_of(city: City) -> str:
    """SHA-256 of the city's data: equal cities are the same edition."""
    return _edition(_document(city))


def _edition(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _document(city: City) -> bytes:
    return rfc8785.dumps(dict(city.document))


def _refuse_to_strand(work: Work, city: City) -> None:
    """An office that holds anything cannot be switched off before its reports were handed over."""
    staying = {office.code for office in city.offices if office.can_hold} | {city.front_desk}
    stranded = {code: count for code, count in store.open_reports(work.connection).items() if code not in staying}
    if stranded:
        reason = "{} open reports are with it: let a coordinator assign them to another office first"
        raise CityError(Fault("offices.yaml", code, "code", reason.format(count)) for code, count in stranded.items())


def _service(service: Service, city: City) -> dict[str, Any]:
    """A category, with the outside agency that it is referred to."""
    agency = next((each for each in city.offices if each.is_external and service.code in each.competence), None)
    return {**asdict(service), "agency": agency.code if agency else None}


def published(city: City, edition: str, number: int) -> dict[str, Any]:
    """What others are told of a city."""
    return {
        "city": city.name,
        "edition": edition,
        "number": number,
        "code_prefix": city.code_prefix,
        "timezone": city.calendar.timezone,
        "emergency_number": city.emergency_number,
        "front_desk": city.front_desk,
        "offices": city.offices,
        "services": [_service(each, city) for each in city.services],
        "areas": {area.code: area.name for area in city.areas},
        **({"retention_years": retention.years} if (retention := city.policy.retention) else {}),
    }
