"""A form as it was sent, as text."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from marshmallow import INCLUDE, Schema

from estafet.events import ijson
from estafet.web import Problem
from estafet.web.server import HttpRequest

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
#: Fields that may be ticked more than once.
_LISTS = ("consent",)


class Form(Schema):
    """Any fields: each page says itself what it takes, and shows what is wrong beside the field."""

    class Meta:
        unknown = INCLUDE


def parse(request: HttpRequest) -> dict[str, Any]:
    """The fields, without space around them and with one kind of line end; those in ``_LISTS`` as lists.

    Raises:
        Problem: ``malformed``.
    """
    try:
        pairs = _pairs(request)
    except ValueError as error:
        raise Problem("malformed", f"The form is not UTF-8, or has more than {_MOST_FIELDS} fields.") from error
    form: dict[str, Any] = {name: [] for name in _LISTS}
    for name, text in pairs:
        if not (ijson.is_text(name) and ijson.is_text(text)):
            raise Problem("malformed", "The form holds a character that is not text.")
        value = text.replace("\r\n", "\n").strip()
        if name in _LISTS:
            form[name].append(value)
        else:
            form[name] = value
    return form


def number(text: Any, digits: int = 9) -> int | None:
    """A number of so many digits at most; None: it is none."""
    said = str(text or "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= digits else None


def version_in(text: Any) -> int:
    """The version of the report that a form was made for.

    Raises:
        Problem: ``malformed``.
    """
    found = number(text)
    if found is None:
        raise Problem("malformed", "The form names no version.")
    return found


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    """Raises ValueError: it is not text; Problem: it is no form."""
    if request.parts is not None:
        return [(name, value.decode()) for name, value in request.parts.fields]
    if request.mimetype != _MEDIA_TYPE:
        raise Problem("malformed", f"Send the form as {_MEDIA_TYPE}.")
    return parse_qsl(
        request.content.decode("ascii"), True, encoding="utf-8", errors="strict", max_num_fields=_MOST_FIELDS
    )
