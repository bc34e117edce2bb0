"""A small invented city, and event data made up from the contracts themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from marshmallow import Schema, fields, validate

from estafet.events import contract
from estafet.events.reasons import REASONS
from services.notify.directory import Directory, from_event

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)

OFFICES: list[dict[str, Any]] = [
    {"code": "desk", "name": "Loket Tirtajaya", "kind": "front-desk", "parent": "mayor"},
    {"code": "mayor", "name": "Wali Kota Tirtajaya", "kind": "coordinator", "parent": None},
    {"code": "north", "name": "Kecamatan Utara", "kind": "kecamatan", "parent": "mayor", "area": "t"},
    {"code": "mill", "name": "Kelurahan Kincir", "kind": "kelurahan", "parent": "north", "area": "t.1"},
    {"code": "lake", "name": "Kelurahan Telaga", "kind": "kelurahan", "parent": "north", "area": "t.2"},
    {"code": "roads", "name": "Dinas Jalan", "kind": "department", "parent": "mayor"},
    {"code": "regulator", "name": "Otoritas Tirta", "kind": "external", "parent": None},
]
CODES: list[str] = [office["code"] for office in OFFICES]


def directory_data(number: int = 1) -> dict[str, Any]:
    """``directory.published`` of the invented city; every office has mail."""
    data = {
        "city": "Kota Tirtajaya",
        "edition": "0" * 64,
        "number": number,
        "code_prefix": "TRT",
        "timezone": "Asia/Jakarta",
        "emergency_number": "112",
        "front_desk": "desk",
        "offices": [{**office, "email": f"{office['code']}@tirtajaya.example"} for office in OFFICES],
        "services": [
            {"code": "road", "name": {"id": "Jalan rusak", "en": "Broken road"}},
            {"code": "fire", "name": {"id": "Kebakaran", "en": "Fire"}, "emergency": True},
            {"code": "bribe", "name": {"id": "Pungli", "en": "Bribery"}, "confidential": True},
        ],
    }
    loaded: dict[str, Any] = contract("directory.published").schema().load(data)
    return loaded


def directory() -> Directory:
    return from_event(directory_data())


def ticket(**changes: Any) -> dict[str, Any]:
    """How a report stands: held by ``mill``, unless said otherwise."""
    standing: dict[str, Any] = {
        "category": "road",
        "place": None,
        "confidential": False,
        "reachable": True,
        "status": "held",
        "holder": "mill",
        "guardian": "mill",
        "bound_by": None,
        "coordinator": None,
        "hops": 0,
        "hop_budget": 3,
        "seen": [],
        "named": [],
        "refusals": 0,
        "objections": 0,
        "referrals_open": 0,
        "resolve_by": NOW,
    }
    return standing | changes


def data(name: str, **given: Any) -> dict[str, Any]:
    """Valid data of an event: the given values, and plain ones for the rest."""
    plain: dict[str, Any] = {
        "ticket": ticket(),
        "handoff": "h-1",
        "referral": "r-1",
        "sender": "mill",
        "receiver": "lake",
        "office": "lake",
        "right_office": "roads",
        "reason": "not-our-task",
        "words": "Bukan wilayah kami.",
        "accept_by": NOW,
        "until": NOW,
        "due": NOW,
        "because": [{"rule": "place", "id": "Lokasinya di sini.", "en": "The place is here."}],
        "coordinator": "north",
        "involved": ["mill", "lake"],
        "agency": "regulator",
        "fields_shared": ["name", "text"],
        "receipt": "OT-7",
        "outcome": "received",
        "how": "confirmed",
        "note": "n-1",
        "photos": 2,
        "public": True,
        "clock": "hold",
        "ticket_version": 1,
        "consent": [],
        "reference": None,
        "package": {"name": "Sri", "contact": "sri@warga.example", "text": "Isi", "place": None},
        "proposal": {"category": "road", "place": None, "office": "lake"},
        "name": "Sri Wahyuni",
        "email": "sri@warga.example",
        "phone": None,
        "telegram": None,
        "locale": "id",
        "secret": "kunci-rahasia",
    }
    schema = contract(name).schema()
    chosen = {field: (plain | given)[field] for field in schema.fields}
    loaded: dict[str, Any] = schema.load(json.loads(schema.dumps(chosen)))
    return loaded


def event_data(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any valid data of an event, made up from its schema; office codes are few, so that roles coincide."""
    return _values(contract(name).schema())


def _values(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: _value(name, field) for name, field in schema.fields.items()})


def _value(name: str, field: fields.Field[Any]) -> st.SearchStrategy[Any]:
    made = _filled(name, field)
    return st.none() | made if field.allow_none else made


def _filled(name: str, field: fields.Field[Any]) -> st.SearchStrategy[Any]:
    choices = next((each.choices for each in field.validators if isinstance(each, validate.OneOf)), None)
    if choices:
        return st.sampled_from(list(choices))
    if isinstance(field, fields.Nested):
        return _values(field.schema)
    if isinstance(field, fields.List):
        return st.lists(_value(name, field.inner), max_size=4)
    if isinstance(field, fields.Dict):
        return st.dictionaries(st.sampled_from(["name", "contact", "text", "place"]), st.none() | st.text(max_size=50))
    if isinstance(field, fields.Boolean):
        return st.booleans()
    if isinstance(field, fields.Integer):
        return st.integers(0, 9)
    if isinstance(field, fields.AwareDateTime):
        return st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
    if name == "reason":
        return st.sampled_from(sorted(REASONS))
    if name == "place":
        return st.sampled_from(["t", "t.1", "t.2", "elsewhere"])
    if name == "category":
        return st.sampled_from(["road", "fire", "bribe"])
    if any(isinstance(each, validate.Regexp) for each in field.validators):
        return st.sampled_from([*CODES, "unknown"])
    return st.text(min_size=1, max_size=100)
