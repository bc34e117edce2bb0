"""Every message there can be, with sample facts: what a city's wording is tried on before anybody is written to.

Made of the golden events by the rules of the audience, with what a contract leaves open turned each way: another clock,
another outcome, no words, no deadline.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from estafet.events import contract, parse
from estafet.events.golden import golden
from services.notify.audience import TOLD, agency_message, audience
from services.notify.directory import Directory, from_event
from services.notify.messages import CONFIDENTIAL, DIGEST, REPORTER, Message
from services.notify.store import as_json

#: States of a report that messages speak of.
_STANDINGS: tuple[Mapping[str, Any], ...] = (
    {},
    {"status": "resolved"},
    {"status": "closed"},
    {"status": "convened", "coordinator": "camat-kota", "objections": 2},
    {"resolve_by": None},
)


#: A report as a digest tells of it; of a confidential one it says neither what nor by when.
_TOLD: Mapping[str, Any] = {
    "code": "KDR-7F3K-92Q",
    "category": "land-certificate",
    "what": ["Yang terjadi", "Sebuah catatan"],
    "by": "2026-12-02T09:00:00+07:00",
    "link": "https://lapor.example/t/KDR-7F3K-92Q",
}


@cache
def directory() -> Directory:
    """The golden directory."""
    return from_event(_data("directory.published"))


@cache
def specimens() -> tuple[Message, ...]:
    """Each with facts as they are stored; several of each message, in an order that stays the same."""
    found = {(each.template, as_json(each.facts)): each for each in _messages()}
    return tuple(
        Message(message.audience, message.recipient, template, json.loads(facts))
        for (template, facts), message in sorted(found.items(), key=lambda each: each[0])
    )


def _messages() -> Iterator[Message]:
    standing = _data("ticket.opened")["ticket"]
    for name in sorted(TOLD):
        for data in _variants(contract(name).schema(), _data(name)):
            for changes in _STANDINGS:
                ticket = {**(data.get("ticket") or standing), "reachable": True, "named": [], **changes}
                yield from audience(name, data, ticket, directory())
    yield Message("office", "office", CONFIDENTIAL)
    yield Message("office", "office", DIGEST, _digest(_TOLD, {**_TOLD, "what": [], "by": None}))
    for report in (_TOLD, {**_TOLD, "by": None}):
        yield Message("reporter", REPORTER, DIGEST, _digest(report))
    package = _data("referral.packaged")
    message = agency_message(package)
    empty = dict.fromkeys(package["package"])
    for given in (package["package"], empty):
        yield Message("agency", message.recipient, message.template, {**message.facts, "package": given})


def _digest(*reports: Mapping[str, Any]) -> dict[str, Any]:
    return {"reports": list(reports), "count": len(reports)}


def _variants(schema: Schema, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The data itself, then with one field at a time turned to another value that the contract allows."""
    yield dict(data)
    for name, field in schema.fields.items():
        for value in _others(name, field):
            yield {**data, name: value}


def _others(name: str, field: fields.Field[Any]) -> Iterator[Any]:
    for validator in field.validators:
        if isinstance(validator, validate.OneOf):
            yield from validator.choices
    if field.allow_none:
        yield None
    if name == "words":
        yield "Kata-kata kantor itu sendiri.\nDalam dua baris."
    if isinstance(field, fields.Boolean):
        yield from (True, False)
    if isinstance(field, fields.List):
        yield []
    if isinstance(field, fields.String) and name in ("office", "sender", "receiver"):
        yield "ojk"


def _data(name: str) -> dict[str, Any]:
    return dict(parse(golden(name)).data)
