"""How bodies are read and problems told: as the rest of the API does, or as another standard says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from estafet.events import ijson
from estafet.web import bodies
from estafet.web.problems import Problem
from estafet.web.server import HttpRequest


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is different at an endpoint that another standard describes, and our OpenAPI document therefore does not.

    Attributes:
        parse: how a body becomes a document.
        refuse: how a problem is told.
    """

    parse: Callable[[HttpRequest], dict[str, Any]]
    refuse: Callable[[Problem, HttpRequest], Response]


def _document(request: HttpRequest) -> dict[str, Any]:
    if request.parts is None:
        return bodies.parse(request.content)
    document: dict[str, Any] = {}
    for name, value in request.parts.fields:
        text = value.decode("utf-8", "surrogateescape")
        if name in document or not (ijson.is_text(name) and ijson.is_text(text)):
            raise Problem("malformed", "A field is given twice, or holds what is not text.")
        document[name] = text
    for upload in request.parts.files:
        some = document.setdefault(upload.field, [])
        if not isinstance(some, list) or not ijson.is_text(upload.field):
            raise Problem("malformed", "A field is given twice, or holds what is not text.")
        some.append(upload)
    return document


#: JSON, or a form where files may come along; and problem+json.
OURS = Dialect(_document, lambda problem, request: problem.response())
