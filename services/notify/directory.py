"""notify's copy of the city's directory: names, ladder, time zone, and where an office's mail goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Office:
    code: str
    name: str
    parent: str | None
    area: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Directory:
    """What notify needs of ``directory.published``."""

    number: int
    city: str
    timezone: str
    front_desk: str
    emergency_number: str | None
    offices: Mapping[str, Office]
    #: Category code -> language -> name.
    categories: Mapping[str, Mapping[str, str]]
    #: Categories whose reporter is told to call the emergency number before anything else.
    emergencies: frozenset[str]

    def office_name(self, code: str) -> str:
        """The office's name; its code when the directory does not know it (an office may have been removed)."""
        office = self.offices.get(code)
        return office.name if office else code

    def category_name(self, code: str, locale: str) -> str:
        names = self.categories.get(code, {})
        return names.get(locale) or names.get("id") or code

    def email(self, code: str) -> str | None:
        office = self.offices.get(code)
        return office.email if office else None

    def coordinators_above(self, code: str) -> Iterator[str]:
        """The ladder above an office, lowest first. A ladder that runs in a circle ends where it would begin again."""
        passed = {code}
        office = self.offices.get(code)
        while office and office.parent and office.parent not in passed:
            passed.add(office.parent)
            yield office.parent
            office = self.offices.get(office.parent)

    def coordinators_of(self, place: str | None) -> Iterator[str]:
        """The ladder above a place, lowest first: of a kelurahan the camat, of a kecamatan too."""
        for office in self.offices.values():
            if place and office.area == place:
                if any(each.parent == office.code for each in self.offices.values()):
                    yield office.code
                yield from self.coordinators_above(office.code)


def from_event(data: Mapping[str, Any]) -> Directory:
    """Read ``directory.published``."""
    offices = (
        Office(each["code"], each["name"], each.get("parent"), each.get("area"), each.get("email"))
        for each in data["offices"]
    )
    return Directory(
        number=data["number"],
        city=data["city"],
        timezone=data["timezone"],
        front_desk=data["front_desk"],
        emergency_number=data.get("emergency_number"),
        offices={office.code: office for office in offices},
        categories={each["code"]: each["name"] for each in data["services"]},
        emergencies=frozenset(each["code"] for each in data["services"] if each.get("emergency")),
    )
