"""How this standard reads a form and tells what is wrong, and how its answers become responses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from estafet.events import ijson
from estafet.web import Dialect, Problem
from estafet.web.server import HttpRequest
from services.tickets.open311.rendering import FORMATS, Document, Items, Value

#: Where it lives.
BASE = "/open311/v2"

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 200
_ATTRIBUTE = "attribute["
#: The standard has three: 404 for what is not there, 403 for keys, 400 for the rest. Those about load and size stay.
_STATUS = {401: 403, 409: 400, 412: 400, 422: 400, 428: 400}
_NOT_FOUND = ("not-found", "unknown-category", "mistyped-code")


def require(format: str) -> None:
    """Go on only if there is the format: before something is done whose answer could not be given.

    Raises:
        Problem: ``not-found``.
    """
    if format not in FORMATS:
        raise Problem("not-found", "There is no such format. End the address with .xml or .json.")


def respond(document: Document, format: str) -> Response:
    """An answer in a format. Raises as :func:`require`."""
    require(format)
    media_type, write = FORMATS[format]
    return Response(write(document), content_type=f"{media_type}; charset=utf-8")


def refuse(problem: Problem, request: Request) -> Response:
    """A problem as the standard tells it: a list of errors, in the format that was asked for."""
    status = status_of(problem)
    faults = [f"{field}: {reason}" for field, reason in problem.errors] or [problem.detail]
    errors: list[Value] = [{"code": status, "description": each} for each in faults]
    ending = request.path.rpartition(".")[2]
    response = respond(Document("errors", Items("error", errors)), ending if ending in FORMATS else "xml")
    response.status_code = status
    response.headers.update({name: value for name, value in problem.headers.items() if name != "WWW-Authenticate"})
    return response


def status_of(problem: Problem) -> int:
    if problem.kind.slug in _NOT_FOUND:
        return 404
    return _STATUS.get(problem.kind.status, problem.kind.status)


def parse(request: HttpRequest) -> dict[str, Any]:
    """The form as a document. ``attribute[x]`` and ``attribute[x][]`` become lists under ``attribute``.

    Raises:
        Problem: ``malformed``, saying what is wrong.
    """
    if request.mimetype != _FORM:
        raise Problem("malformed", f"Send the form as {_FORM}; other bodies are not read.")
    try:
        pairs = parse_qsl(
            request.content.decode("ascii"), True, encoding="utf-8", errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise Problem("malformed", f"The form is not UTF-8, or has more than {_MOST_FIELDS} fields.") from error
    document: dict[str, Any] = {}
    attributes: dict[str, list[str]] = {}
    for name, value in pairs:
        if not (ijson.is_text(name) and ijson.is_text(value)):
            raise Problem("malformed", "The form holds a character that is not text.")
        if name.startswith(_ATTRIBUTE):
            attributes.setdefault(name.removeprefix(_ATTRIBUTE).removesuffix("[]").removesuffix("]"), []).append(value)
        elif name in document:
            raise Problem("malformed", f"{name[:40]} is given twice.")
        else:
            document[name] = value
    return {**document, "attribute": attributes}


def split(name: str, format: str) -> tuple[str, str]:
    """The name and the format in the last part of an address: a name may have points of its own."""
    name, _, format = f"{name}.{format}".rpartition(".")
    return name, format


DIALECT = Dialect(parse, refuse)
