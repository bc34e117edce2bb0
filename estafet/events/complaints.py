"""What a schema complains of, as people are told: each field at fault, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def flatten(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """marshmallow's nested messages as (dotted field, reason); what is wrong with the whole has no field."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            name = path if key == "_schema" else f"{path}.{key}".lstrip(".")
            yield from flatten(inner, name)
    elif isinstance(messages, list):
        for inner in messages:
            yield from flatten(inner, path)
    else:
        yield path, str(messages)
