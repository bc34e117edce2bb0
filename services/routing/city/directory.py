"""Looking things up in a city: who answers for what and where, and who stands above whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from services.routing.city.model import Area, City, Office, Service
from services.routing.city.workdays import WorkingTime
from services.routing.deadlines import Deadlines


class NobodyLeft(Exception):
    """The report names every coordinator of the city: there is nobody it may be brought to."""


class Directory:
    """A checked city, indexed. Offices are asked for by code; an unknown code is answered with None."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.deadlines = Deadlines(city.policy, WorkingTime(city.calendar))
        self._offices = {office.code: office for office in city.offices}
        self._services = {service.code: service for service in city.services}
        self._areas = {area.code: area for area in city.areas}
        self._competent = {category: office for office in city.offices for category in office.competence}

    @property
    def front_desk(self) -> str:
        return self.city.front_desk

    def office(self, code: str | None) -> Office | None:
        return self._offices.get(code) if code else None

    def service(self, category: str) -> Service | None:
        return self._services.get(category)

    def area(self, place: str | None) -> Area | None:
        return self._areas.get(place) if place else None

    def office_of_place(self, place: str | None) -> Office | None:
        area = self.area(place)
        return self._offices[area.office] if area else None

    def competent(self, category: str) -> Office | None:
        """The one office, or outside agency, whose task a category is; None for local ones."""
        return self._competent.get(category)

    def name(self, code: str) -> str:
        office = self.office(code)
        return office.name if office else code

    def above(self, code: str) -> Iterator[str]:
        """The ladder above an office, lowest first."""
        office = self.office(code)
        while office is not None and office.parent is not None:
            yield office.parent
            office = self.office(office.parent)

    def coordinator_above(self, offices: Collection[str], skipping: Collection[str] = ()) -> str:
        """The lowest coordinator above every one of the offices that is not to be skipped.

        When all of those are to be skipped: the highest other coordinator that is not.

        Raises:
            NobodyLeft: every coordinator is to be skipped.
        """
        ladders = [list(self.above(office)) for office in offices]
        if ladders:
            common = set(ladders[0]).intersection(*ladders[1:])
            for coordinator in ladders[0]:
                if coordinator in common and coordinator not in skipping:
                    return coordinator
        return self._highest(skipping)

    def _highest(self, skipping: Collection[str]) -> str:
        left = [office.code for office in self.city.offices if office.can_coordinate and office.code not in skipping]
        if not left:
            raise NobodyLeft
        return min(left, key=lambda code: sum(1 for _ in self.above(code)))
