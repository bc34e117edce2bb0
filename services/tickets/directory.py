"""The city as tickets knows it: offices, their ladder of coordinators, and what can be reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from estafet.events.routing import HOLDING_KINDS


@dataclass(frozen=True, slots=True)
class Office:
    code: str
    name: str
    kind: str
    #: The coordinator above it; None at the top.
    parent: str | None = None
    area: str | None = None
    confidential: bool = False
    #: Outside agencies: the fields they need in a referral.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A category a citizen may report under."""

    code: str
    name: Mapping[str, str]
    confidential: bool = False
    emergency: bool = False
    place_required: bool = False
    #: The outside agency it is referred to; None: none, or the directory does not say.
    agency: str | None = None
    #: Whether it may come to be referred: yes, unless the directory says that there is no agency for it.
    referable: bool = True
    #: What people call it beside its name, by language.
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Directory:
    city: str
    edition: str
    number: int
    code_prefix: str
    timezone: str
    front_desk: str
    offices: Mapping[str, Office]
    services: Mapping[str, Service]
    areas: Mapping[str, str] = field(default_factory=dict)
    emergency_number: str | None = None
    #: How long after closing a report keeps who reported it and what they wrote; None: for ever.
    retention_years: int | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Directory:
        """From the data of ``directory.published``."""
        offices = (_office(each) for each in data["offices"])
        services = (_service(each) for each in data["services"])
        return cls(
            city=data["city"],
            edition=data["edition"],
            number=data["number"],
            code_prefix=data["code_prefix"],
            timezone=data["timezone"],
            front_desk=data["front_desk"],
            offices={each.code: each for each in offices},
            services={each.code: each for each in services},
            areas=dict(data.get("areas") or {}),
            emergency_number=data.get("emergency_number"),
            retention_years=data.get("retention_years"),
        )

    def office(self, code: str) -> Office | None:
        return self.offices.get(code)

    def name(self, code: str) -> str:
        """An office's name for people; its code when the directory no longer lists it."""
        office = self.offices.get(code)
        return office.name if office else code

    def can_hold(self, code: str) -> bool:
        office = self.offices.get(code)
        return office is not None and office.kind in HOLDING_KINDS

    def ladder(self, code: str) -> tuple[str, ...]:
        """The coordinators above an office, the lowest first; it ends where the data goes round in a circle."""
        above: list[str] = []
        office = self.offices.get(code)
        while office is not None and office.parent is not None and office.parent not in (*above, code):
            above.append(office.parent)
            office = self.offices.get(office.parent)
        return tuple(above)

    def is_above(self, coordinator: str, code: str) -> bool:
        return coordinator in self.ladder(code)


def _office(data: Mapping[str, Any]) -> Office:
    return Office(
        code=data["code"],
        name=data["name"],
        kind=data["kind"],
        parent=data.get("parent"),
        area=data.get("area"),
        confidential=data.get("confidential", False),
        needs=tuple(data.get("needs") or ()),
    )


def _service(data: Mapping[str, Any]) -> Service:
    return Service(
        code=data["code"],
        name=dict(data["name"]),
        confidential=data.get("confidential", False),
        emergency=data.get("emergency", False),
        place_required=data.get("place_required", False),
        agency=data.get("agency"),
        referable="agency" not in data or data["agency"] is not None,
        words={language: tuple(words) for language, words in (data.get("words") or {}).items()},
    )
