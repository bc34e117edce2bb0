"""A form as a browser sends it, from our own pages alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from marshmallow import INCLUDE, Schema
from werkzeug.wrappers import Request

from estafet.browsers import is_foreign
from estafet.events import ijson
from estafet.web import Dialect, Problem
from estafet.web.dialect import OURS
from estafet.web.server import HttpRequest

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20


class Form(Schema):
    """Any fields: the page says itself what it takes."""

    class Meta:
        unknown = INCLUDE


def _parse(request: HttpRequest) -> dict[str, Any]:
    """The fields; of one that is given twice the last.

    Raises:
        Problem: ``malformed``.
    """
    if request.mimetype != _MEDIA_TYPE:
        raise Problem("malformed", f"Send the form as {_MEDIA_TYPE}.")
    try:
        content = request.content.decode("ascii")
        pairs = parse_qsl(content, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Problem("malformed", f"The form is not UTF-8, or has more than {_MOST_FIELDS} fields.") from error
    if not all(ijson.is_text(each) for pair in pairs for each in pair):
        raise Problem("malformed", "The form holds a character that is not text.")
    return {name: text.strip() for name, text in pairs}


#: What a page's endpoints speak: forms, and problems as the rest of the API tells them.
PAGE = Dialect(_parse, OURS.refuse)


def require_ours(request: Request, public_url: str) -> None:
    """Go on only with what a browser says came from our own origin. Where it says nothing, the link's token has to do:
    another page does not know it.

    Raises:
        Problem: ``foreign-form``.
    """
    if is_foreign(request, public_url):
        raise Problem("foreign-form", "Open the page by the link in a letter, and send its form from there.")
