"""The contracts as a page for people: every event, its fields, what they mean, examples. No script, no other host."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from estafet.events import asyncapi
from estafet.events.golden import golden
from estafet.events.jsonschema import envelope_schema, schema_of
from estafet.events.registry import CONTRACTS, Contract

_HERE = Path(__file__).parent
_STYLE = (_HERE / "page.css").read_text()

#: What the page needs of a browser (CSP): its own style and nothing else.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_LONGEST_EXAMPLE = 60

LISTENING = """\
from estafet.client import listen

@listen("handoff.accepted")
def told(event):
    print(event.subject, event.data["receiver"])

listen.run("amqp://wali:password@broker/estafet")"""

PUBLISHING = """\
from estafet.client import Intake

with Intake("amqp://wali:password@broker/estafet") as intake:
    intake.submit({"category": "ktp", "text": "KTP saya rusak.", "reference": "000123"}, id="wali-000123")"""


@dataclass(frozen=True, slots=True)
class Row:
    """A field, as a line of a table. ``block``: the name of what it holds, which has a table of its own."""

    name: str
    meaning: str
    holds: str
    block: str | None
    nullable: bool
    required: bool
    example: str | None


def html(base: str = "") -> str:
    """The page. ``base``: where ``schemas/`` and ``asyncapi/`` are, seen from its address."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    blocks: dict[str, list[Row]] = {}
    events = [_event(contract, blocks) for contract in CONTRACTS]
    for contract in CONTRACTS:  # what no example has
        schema = schema_of(contract)
        _collect(schema, None, schema.get("$defs", {}), blocks)
    example = json.loads(golden("handoff.offered"))
    text = environment.get_template("page.html.j2").render(
        base=base,
        style=_STYLE,
        services=list(asyncapi.DESCRIPTIONS),
        listening=LISTENING,
        publishing=PUBLISHING,
        envelope=list(_rows(envelope_schema(), example)),
        events=events,
        blocks=[{"name": name, "rows": rows} for name, rows in sorted(blocks.items())],
    )
    return text + "\n"


def _event(contract: Contract, blocks: dict[str, list[Row]]) -> dict[str, Any]:
    schema, example = schema_of(contract), json.loads(golden(contract.name, contract.version))
    _collect(schema, example["data"], schema.get("$defs", {}), blocks)
    return {
        "name": contract.name,
        "key": contract.key,
        "type": contract.type,
        "summary": contract.summary,
        "private": contract.private,
        "publisher": "other apps" if contract.publisher == "intake" else contract.publisher,
        "exchange": contract.exchange,
        "heard": ", ".join([*contract.listeners, *(["other apps"] if contract.public else [])]),
        "schema_id": schema["$id"],
        "rows": list(_rows(schema, example["data"])),
        "example": json.dumps(example, indent=2, ensure_ascii=False),
    }


def _collect(node: Mapping[str, Any], example: Any, parts: Mapping[str, Any], blocks: dict[str, list[Row]]) -> None:
    """The tables of what an event's fields hold, each made of the first example of it; without one, of none."""
    for name, field in node.get("properties", {}).items():
        block = _block(field)
        value = example.get(name) if isinstance(example, dict) else {}
        value = value[0] if isinstance(value, list) and value else value
        if block and isinstance(value, dict):
            blocks.setdefault(block, list(_rows(parts[block], value)))
            _collect(parts[block], value, parts, blocks)


def _rows(node: Mapping[str, Any], example: Mapping[str, Any]) -> Iterator[Row]:
    for name, field in node.get("properties", {}).items():
        block = _block(field)
        shown = None if block or name not in example or name == "data" else _shown(example[name])
        yield Row(
            name=name,
            meaning=field.get("description", ""),
            holds=("list of " if field.get("type") == "array" else "") if block else _holds(field),
            block=block,
            nullable="anyOf" in field,
            required=name in node.get("required", ()),
            example=shown,
        )


def _block(field: Mapping[str, Any]) -> str | None:
    """The block a field holds, alone, in a list, or unless it is null."""
    for node in (field, field.get("items", {}), *field.get("anyOf", ())):
        if "$ref" in node:
            return str(node["$ref"]).rpartition("/")[2]
    return None


def _holds(field: Mapping[str, Any]) -> str:
    """A type in words, with its limits."""
    if "const" in field:
        return f"always {field['const']}"
    kinds = [field["type"]] if isinstance(field.get("type"), str) else list(field.get("type", []))
    words = " or ".join(_WORDS.get(each, each) for each in kinds)
    if "array" in kinds:
        words = f"list of {_holds(field['items'])}"
    if field.get("format") == "date-time":
        words = words.replace("text", "time with zone")
    if values := [str(each) for each in field.get("enum", ()) if each is not None]:
        words += f": {', '.join(values)}"
    said = [text.format(field[keyword]) for keyword, text in _LIMITS.items() if keyword in field]
    if pattern := field.get("pattern"):
        said.append("a code of a-z, 0-9, point and hyphen" if pattern == _CODE else f"like {pattern}")
    if "default" in field:
        said.append(f"{json.dumps(field['default'])} when absent")
    return ", ".join([words, *said])


_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}
_LIMITS = {
    "maxLength": "at most {} characters",
    "maxItems": "at most {}",
    "minimum": "from {}",
    "maximum": "to {}",
}
#: The pattern of the city's own codes, in words.
_CODE = r"^[a-z0-9][a-z0-9.-]{0,63}$"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 1] + "…"
