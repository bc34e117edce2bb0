"""What counts as growth of a schema, and what breaks with yesterday's readers and writers."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from estafet.events import CONTRACTS
from estafet.events.growth import Break, breaks
from estafet.events.jsonschema import schema_of

OLD: dict[str, Any] = {
    "type": "object",
    "required": ["office"],
    "properties": {
        "office": {"type": "string", "maxLength": 10},
        "words": {"type": ["string", "null"]},
        "how": {"type": "string", "enum": ["a", "b"]},
        "seen": {"type": "array", "items": {"type": "string", "pattern": "^x$"}},
        "ticket": {"$ref": "#/$defs/Ticket"},
        "reporter": {"anyOf": [{"$ref": "#/$defs/Ticket"}, {"type": "null"}]},
    },
    "$defs": {"Ticket": {"type": "object", "properties": {"holder": {"type": "string"}}}},
}


def _new() -> dict[str, Any]:
    return copy.deepcopy(OLD)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.type)
def test_a_schema_does_not_break_with_itself(contract: Any) -> None:
    assert breaks(schema_of(contract), schema_of(contract)) == []


def test_a_new_optional_property_a_new_value_and_a_wider_limit_are_growth() -> None:
    new = _new()
    new["properties"]["later"] = {"type": "string"}
    new["properties"]["how"]["enum"].append("c")
    new["properties"]["office"] = {"type": ["string", "null"], "maxLength": 20}
    new["$defs"]["Ticket"]["properties"]["later"] = {"type": "string"}
    assert breaks(OLD, new) == []


def _remove(new: dict[str, Any]) -> None:
    del new["properties"]["words"]


def _require(new: dict[str, Any]) -> None:
    new["required"].append("words")


def _stop_promising(new: dict[str, Any]) -> None:
    new["required"].remove("office")


def _forbid_null(new: dict[str, Any]) -> None:
    new["properties"]["words"]["type"] = "string"


def _drop_a_value(new: dict[str, Any]) -> None:
    new["properties"]["how"]["enum"].remove("a")


def _list_values(new: dict[str, Any]) -> None:
    new["properties"]["words"]["enum"] = ["a"]


def _shorten(new: dict[str, Any]) -> None:
    new["properties"]["office"]["maxLength"] = 9


def _ask_for_more(new: dict[str, Any]) -> None:
    new["properties"]["office"]["minLength"] = 1


def _change_the_pattern_inside(new: dict[str, Any]) -> None:
    new["properties"]["seen"]["items"]["pattern"] = "^y$"


def _rename_inside(new: dict[str, Any]) -> None:
    new["$defs"]["Ticket"]["properties"] = {"owner": {"type": "string"}}


def _forbid_null_for_an_object(new: dict[str, Any]) -> None:
    new["properties"]["reporter"] = {"$ref": "#/$defs/Ticket"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_remove, [Break("no longer has data.words", readers=True)]),
        (_require, [Break("now requires data.words")]),
        (_stop_promising, [Break("no longer promises data.office", readers=True)]),
        (_forbid_null, [Break("no longer takes null as data.words")]),
        (_drop_a_value, [Break("no longer takes a as data.how")]),
        (_list_values, [Break("no longer takes any value as data.words")]),
        (_shorten, [Break("has a narrower maxLength for data.office")]),
        (_ask_for_more, [Break("has a narrower minLength for data.office")]),
        (_change_the_pattern_inside, [Break("has another pattern for data.seen[]")]),
        (
            _rename_inside,
            [
                Break("no longer has data.ticket.holder", readers=True),
                Break("no longer has data.reporter.holder", readers=True),
            ],
        ),
        (_forbid_null_for_an_object, [Break("no longer takes null as data.reporter")]),
    ],
)
def test_a_break_is_named_with_its_place(change: Any, found: list[Break]) -> None:
    new = _new()
    change(new)
    assert breaks(OLD, new) == found
