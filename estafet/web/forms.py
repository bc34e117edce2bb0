"""A form as a browser sends it: its fields as text."""

from __future__ import annotations

from urllib.parse import parse_qsl

from marshmallow import INCLUDE, Schema

from estafet.events import ijson
from estafet.web.problems import Problem
from estafet.web.server import HttpRequest

_MEDIA_TYPE = "application/x-www-form-urlencoded"


class Form(Schema):
    """Any fields: each page says itself what it takes, and shows what is wrong beside the field."""

    class Meta:
        unknown = INCLUDE


def pairs(request: HttpRequest, most: int) -> list[tuple[str, str]]:
    """Name and value of each field, ``most`` of them, in their order and without space around the value.

    Raises:
        Problem: ``malformed``.
    """
    try:
        found = _sent(request, most)
    except ValueError as error:
        raise Problem("malformed", f"The form is not UTF-8, or has more than {most} fields.") from error
    if not all(ijson.is_text(each) for pair in found for each in pair):
        raise Problem("malformed", "The form holds a character that is not text.")
    return [(name, value.strip()) for name, value in found]


def _sent(request: HttpRequest, most: int) -> list[tuple[str, str]]:
    """Raises ValueError: it is not text, or too much; Problem: it is no form."""
    if request.parts is not None:
        return [(name, value.decode()) for name, value in request.parts.fields]
    if request.mimetype != _MEDIA_TYPE:
        raise Problem("malformed", f"Send the form as {_MEDIA_TYPE}.")
    content = request.content.decode("ascii")
    return parse_qsl(content, keep_blank_values=True, errors="strict", max_num_fields=most)
