"""From a city's data to a :class:`City`, or to everything that is wrong with it, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import Schema, ValidationError

from estafet.events.complaints import flatten
from services.routing.city.error import CityError, Fault
from services.routing.city.ladder import ladder_faults
from services.routing.city.model import Area, Calendar, City, Office, Policy, Service
from services.routing.city.schema import (
    AreaSchema,
    CalendarSchema,
    CitySchema,
    OfficeSchema,
    PolicySchema,
    ServiceSchema,
)

#: The parts of a city, each in its own file; lists of entries, or one mapping.
LISTS: Mapping[str, type[Schema]] = {"offices": OfficeSchema, "services": ServiceSchema, "areas": AreaSchema}
MAPPINGS: Mapping[str, type[Schema]] = {"city": CitySchema, "calendar": CalendarSchema, "policy": PolicySchema}
PARTS = (*MAPPINGS, *LISTS)


def file_of(part: str) -> str:
    return f"{part}.yaml"


def build(document: Mapping[str, Any]) -> City:
    """Check a city's data (one key a part) and make the city.

    Raises:
        CityError: with every fault of form, and every entry that does not fit the others.
    """
    draft = _Draft()
    for part, schema in MAPPINGS.items():
        draft.mappings[part] = _load_mapping(part, schema(), document.get(part), draft)
    for part, schema in LISTS.items():
        draft.lists[part] = list(_load_list(part, schema(), document.get(part), draft))
    draft.faults.extend(_misfits(draft))
    if draft.faults:
        raise CityError(draft.faults)
    return _assemble(draft, document)


@dataclass
class _Draft:
    """What could be read so far. Entries at fault are left out, but their codes are known."""

    mappings: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[Any]] = field(default_factory=dict)
    codes: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def knows(self, part: str, code: str) -> bool:
        return code in self.codes[part]

    @property
    def offices(self) -> list[Office]:
        return self.lists["offices"]

    @property
    def services(self) -> list[dict[str, Any]]:
        return self.lists["services"]

    @property
    def areas(self) -> list[Area]:
        return self.lists["areas"]


def _load_mapping(part: str, schema: Schema, data: Any, draft: _Draft) -> Any:
    if not isinstance(data, Mapping):
        draft.faults.append(Fault(file_of(part), "", "", "must hold fields with values"))
        return None
    try:
        return schema.load(data)
    except ValidationError as error:
        for path, reason in _told(error):
            entry, _, name = path.rpartition(".")
            draft.faults.append(Fault(file_of(part), entry, name, reason))
        return None


def _load_list(part: str, schema: Schema, data: Any, draft: _Draft) -> Iterator[Any]:
    codes = draft.codes.setdefault(part, Counter())
    if not isinstance(data, list):
        draft.faults.append(Fault(file_of(part), "", "", "must hold a list of entries"))
        return
    for position, entry in enumerate(data, start=1):
        code = str(entry["code"]) if isinstance(entry, Mapping) and "code" in entry else f"entry {position}"
        codes[code] += 1
        try:
            yield schema.load(entry)
        except ValidationError as error:
            faults = (Fault(file_of(part), code, path, why) for path, why in _told(error))
            draft.faults.extend(faults)
    for code, count in codes.items():
        if count > 1:
            draft.faults.append(Fault(file_of(part), code, "code", f"is there {count} times"))


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    """(dotted path, reason). Of a mapping marshmallow also tells apart whether a key or a value is at fault."""
    for path, reason in flatten(error.messages):
        yield ".".join(step for step in path.split(".") if step not in ("key", "value")), reason


def _misfits(draft: _Draft) -> Iterator[Fault]:
    """Entries that are well formed and do not fit the others."""
    yield from ladder_faults(draft.offices, lambda code: draft.knows("offices", code))
    yield from _competence_faults(draft)
    yield from _area_faults(draft)
    yield from _policy_faults(draft)


def _competence_faults(draft: _Draft) -> Iterator[Fault]:
    owners: dict[str, list[str]] = {}
    for office in draft.offices:
        if office.competence and not (office.can_hold or office.is_external):
            yield Fault("offices.yaml", office.code, "competence", f"a {office.kind} settles nothing itself")
        if office.needs and not office.is_external:
            yield Fault("offices.yaml", office.code, "needs", "only an outside agency is sent a referral")
        for category in office.competence:
            owners.setdefault(category, []).append(office.code)
            if not draft.knows("services", category):
                yield Fault("offices.yaml", office.code, "competence", f"{category!r} is not in services.yaml")
    for service in draft.services:
        code, handlers = service["code"], owners.get(service["code"], [])
        if service["local"] and handlers:
            yield Fault("services.yaml", code, "local", f"is also the competence of {', '.join(handlers)}")
        if len(handlers) > 1:
            yield Fault("services.yaml", code, "code", f"is the competence of {', '.join(handlers)}: one must own it")
        if not service["local"] and not handlers:
            reason = "nobody handles it: make it local, or name it in an office's competence"
            yield Fault("services.yaml", code, "code", reason)


def _area_faults(draft: _Draft) -> Iterator[Fault]:
    for area in draft.areas:
        yield from _holding_fault(draft, "areas.yaml", area.code, "office", area.office)


def _policy_faults(draft: _Draft) -> Iterator[Fault]:
    policy: Policy | None = draft.mappings["policy"]
    if policy is None:
        return
    yield from _holding_fault(draft, "policy.yaml", "", "external_holder", policy.external_holder)
    for service in draft.services:
        if service["deadline"] not in policy.resolve:
            reason = f"{service['deadline']!r} is not one of policy.yaml's resolve limits: {', '.join(policy.resolve)}"
            yield Fault("services.yaml", service["code"], "deadline", reason)


def _holding_fault(draft: _Draft, file: str, entry: str, name: str, code: str) -> Iterator[Fault]:
    if not draft.knows("offices", code):
        yield Fault(file, entry, name, f"{code!r} is not in offices.yaml")
    for office in draft.offices:
        if office.code == code and not office.can_hold:
            yield Fault(file, entry, name, f"{code!r} is a {office.kind}, which cannot hold reports")


def _assemble(draft: _Draft, document: Mapping[str, Any]) -> City:
    head, policy = draft.mappings["city"], draft.mappings["policy"]
    calendar: Calendar = draft.mappings["calendar"]
    own_area = {area.office: area.code for area in reversed(draft.areas)}
    return City(
        **head,
        front_desk=next(office.code for office in draft.offices if office.kind == "front-desk"),
        offices=tuple(replace(office, area=own_area.get(office.code)) for office in draft.offices),
        services=tuple(Service(**{"hop_budget": policy.hop_budget, **each}) for each in draft.services),
        areas=tuple(draft.areas),
        calendar=calendar,
        policy=policy,
        document={part: document[part] for part in PARTS},
    )
