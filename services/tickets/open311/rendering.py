"""One answer, as XML and as JSON: a tree that knows neither, and what each makes of it.

The JSON is what the standard's Spark convention makes of the XML: a list is an array, of one item too; an empty element
is null. Nothing is ever read as XML here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

#: None is an empty element.
Value: TypeAlias = "bool | int | float | str | Mapping[str, Value] | Items | None"

#: What no XML 1.0 document can hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Items:
    """A list: in XML each item is an element of this name."""

    name: str
    items: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Document:
    """What is answered. Its name is that of the XML's outermost element; in JSON it is not said."""

    name: str
    value: Value


def to_xml(document: Document) -> bytes:
    root = Element(document.name)
    _fill(root, document.value)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def to_json(document: Document) -> bytes:
    return json.dumps(_plain(document.value), ensure_ascii=False, separators=(",", ":")).encode()


#: Of each format: its media type, and how an answer is written in it.
FORMATS: Mapping[str, tuple[str, Callable[[Document], bytes]]] = {
    "xml": ("text/xml", to_xml),
    "json": ("application/json", to_json),
}


def _fill(element: Element, value: Value) -> None:
    if isinstance(value, Items):
        for item in value.items:
            _fill(SubElement(element, value.name), item)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _fill(SubElement(element, name), inner)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("\ufffd", str(value))


def _plain(value: Value) -> object:
    if isinstance(value, Items):
        return [_plain(each) for each in value.items]
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return None if value == "" else value
