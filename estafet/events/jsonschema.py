"""JSON Schema (2020-12) of each event's data, from its marshmallow schema."""

from __future__ import annotations

import json
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from estafet.events.meanings import meaning
from estafet.events.registry import Contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(contract: Contract) -> dict[str, Any]:
    """The schema of an event's ``data``; its ``$id`` is what the event's ``dataschema`` says."""
    parts = _components(contract.schema)
    body: dict[str, Any] = parts.pop(contract.schema.__name__)
    head = {
        "$schema": DIALECT,
        "$id": f"urn:estafet:schema:{contract.key}",
        "title": contract.name,
        "description": contract.summary,
    }
    return head | body | ({"$defs": parts} if parts else {})


def envelope_schema() -> dict[str, Any]:
    """The attributes around ``data``: CloudEvents 1.0 in JSON, as this system writes them."""
    text = {"type": "string", "minLength": 1, "maxLength": 255}
    return {
        "$schema": DIALECT,
        "$id": "urn:estafet:schema:envelope",
        "title": "envelope",
        "description": "A CloudEvent 1.0 in structured JSON, sent with content type application/json.",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0", "description": "Of CloudEvents."},
            "id": {**text, "description": "With source, the message's identity: equal means duplicate."},
            "source": {**text, "format": "uri-reference", "description": "Who published, such as /estafet/tickets."},
            "type": {
                **text,
                "pattern": "^id\\.estafet\\.[a-z]+\\.[a-z]+\\.v[1-9][0-9]?$",
                "description": "The event and its version.",
            },
            "subject": {**text, "description": "The ticket's code."},
            "time": {"type": "string", "format": "date-time", "description": "When it became true."},
            "datacontenttype": {"const": "application/json", "description": "Of data."},
            "dataschema": {"type": "string", "format": "uri", "description": "The $id of the schema of data."},
            "correlationid": {**text, "description": "The id of the chain's first message."},
            "causationid": {**text, "description": "The id of the message that caused this one."},
            "subjectversion": {
                "type": "integer",
                "minimum": 1,
                "maximum": 2**31 - 1,
                "description": "The ticket's version after the change told of.",
            },
            "traceparent": {**text, "description": "W3C Trace Context of the start of the transmission."},
            "dataclassification": {**text, "description": "confidential, on confidential categories."},
            "data": {"type": "object", "description": "What the event carries."},
        },
    }


def _components(schema: type[Schema]) -> dict[str, Any]:
    """The schema and those nested in it, by name."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(title="events", version="1", openapi_version="3.1.0", plugins=[plugin])
    spec.components.schema(schema.__name__, schema=schema)
    text = json.dumps(spec.to_dict()["components"]["schemas"])
    # Python's \Z is the $ of ECMA-262, which JSON Schema's patterns are written in.
    parts: dict[str, Any] = json.loads(text.replace("#/components/schemas/", "#/$defs/").replace('\\\\Z"', '$"'))
    for name, part in parts.items():
        for field, node in part.get("properties", {}).items():
            node["description"] = meaning(name, field)
    return parts


def _name(schema: Schema | type[Schema]) -> str:
    return (schema if isinstance(schema, type) else type(schema)).__name__
