"""What counts as growth of a schema, and what breaks with yesterday's readers and writers."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from estafet.events import CONTRACTS
from estafet.events.growth import breaks
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
    ("change", "places"),
    [
        (_remove, ["words: removed or renamed"]),
        (_require, ["words: newly required"]),
        (_stop_promising, ["office: no longer promised"]),
        (_forbid_null, ["words: no longer null"]),
        (_drop_a_value, ["how: no longer a"]),
        (_list_values, ["words: no longer any value"]),
        (_shorten, ["office: maxLength is narrower"]),
        (_ask_for_more, ["office: minLength is narrower"]),
        (_change_the_pattern_inside, ["seen[]: another pattern"]),
        (_rename_inside, ["ticket.holder: removed or renamed", "reporter.holder: removed or renamed"]),
        (_forbid_null_for_an_object, ["reporter: no longer null"]),
    ],
)
def test_a_break_is_named_with_its_place(change: Any, places: list[str]) -> None:
    new = _new()
    change(new)
    assert breaks(OLD, new) == places
