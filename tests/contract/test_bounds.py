"""Nothing that comes from outside is without end: every field a request or a stranger's event may carry has a bound.

What our own services publish is made of such fields, and no message is larger than the broker takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from estafet.events import CONTRACTS
from estafet.events.jsonschema import schema_of
from estafet.settings import SERVICES
from estafet.web.openapi import document
from services.notify.service import Notify
from services.routing.service import Routing
from services.tickets.service import Tickets

CLASSES = {"tickets": Tickets, "routing": Routing, "notify": Notify}


def unbounded(node: Any, root: dict[str, Any], path: str = "") -> Iterator[str]:
    """Paths of the fields in a JSON Schema that have no upper bound."""
    if "$ref" in node:
        target: Any = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    for choice in (*node.get("anyOf", ()), *node.get("allOf", ())):
        yield from unbounded(choice, root, path)
    if "enum" in node or "const" in node:
        return
    types = node.get("type", [])
    for each in [types] if isinstance(types, str) else types:
        yield from _unbounded_of(each, node, root, path)


def _unbounded_of(kind: str, node: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[str]:
    endless = {
        "string": not ({"maxLength", "format"} & node.keys() or _ends(node.get("pattern", ".*"))),
        "integer": "maximum" not in node,
        "number": "maximum" not in node,
    }
    if endless.get(kind):
        yield path
    elif kind == "array":
        if "maxItems" not in node:
            yield path
        yield from unbounded(node["items"], root, f"{path}[]")
    elif kind == "object":
        if "properties" not in node and node.get("additionalProperties", True) is not False:
            yield path
        for name, inner in node.get("properties", {}).items():
            yield from unbounded(inner, root, f"{path}.{name}")


def _ends(pattern: str) -> bool:
    """Whether a pattern matches no text without end: it is anchored, and repeats nothing without a limit."""
    bare = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    return bare.startswith("^") and bare.endswith("$") and not re.search(r"[*+]|\{\d+,\}", bare)


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_of_a_request_is_bounded(service: str) -> None:
    described = document(CLASSES[service], service, "1", "")
    found, walked = [], 0
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            schemas = [(each["name"], each["schema"]) for each in operation["parameters"] if each["in"] != "path"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schemas.append(("body", content["schema"]))
            walked += len(schemas)
            for name, schema in schemas:
                found += [f"{method} {path} {name}{each}" for each in unbounded(schema, described)]
    assert found == []
    assert walked > 20 or service != "tickets"


def test_every_field_of_a_strangers_event_is_bounded() -> None:
    strangers = [each for each in CONTRACTS if each.publisher not in SERVICES]
    assert [each.name for each in strangers] == ["report.submitted"]
    for contract in strangers:
        schema = schema_of(contract)
        assert list(unbounded(schema, schema)) == []


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "string"}, ["here"]),
        ({"type": ["string", "null"]}, ["here"]),
        ({"type": "string", "maxLength": 5}, []),
        ({"type": "string", "pattern": "^[a-z]{1,3}$"}, []),
        ({"type": "string", "pattern": "^[a-z]+$"}, ["here"]),
        ({"type": "string", "pattern": "[a-z]{1,3}"}, ["here"]),
        ({"type": "string", "pattern": r"^\+[a+]{2}$"}, []),
        ({"type": "array", "items": {"type": "string", "maxLength": 5}}, ["here"]),
        ({"type": "array", "maxItems": 3, "items": {"type": "string"}}, ["here[]"]),
        (
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"type": "integer"}}},
            ["here.a", "here.b"],
        ),
        ({"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}, ["here"]),
        ({"type": "object"}, ["here"]),
        ({"type": "string", "enum": ["a"]}, []),
    ],
)
def test_a_field_without_a_bound_would_be_found(schema: dict[str, Any], found: list[str]) -> None:
    assert list(unbounded(schema, {"$defs": {"A": {"type": "string"}}}, "here")) == found
