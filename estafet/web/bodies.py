"""Reading a request's body: bounded first, JSON second, and only text that every database can keep."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from werkzeug.wrappers import Request

from estafet.web.problems import Problem

#: Largest request body, in bytes.
MAX_BODY = 64 * 1024
MAX_DEPTH = 16

#: Of a body too large, this much is taken off the wire and dropped: a client that is still sending when the connection
#: closes would see a reset instead of the answer.
_DROPPED = 8 * 1024 * 1024


def read(request: Request) -> bytes:
    """The body's bytes; never more than the limit is kept.

    Raises:
        Problem: ``too-large``; ``malformed`` when the transfer broke off.
    """
    if (request.content_length or 0) > MAX_BODY:
        _drop(request)
        raise _too_large()
    try:
        body: bytes = request.environ["wsgi.input"].read(MAX_BODY + 1)
    except (ValueError, OSError) as error:
        raise Problem("malformed", "The body broke off. Send it again.", headers={"Connection": "close"}) from error
    if len(body) > MAX_BODY:
        _drop(request)
        raise _too_large()
    if len(body) < (request.content_length or 0):
        raise Problem("malformed", "The body is shorter than its Content-Length.", headers={"Connection": "close"})
    return body


def parse(body: bytes) -> dict[str, Any]:
    """A JSON object from a body; an empty body is an empty object.

    Raises:
        Problem: ``malformed``, saying what is wrong and where.
    """
    if not body.strip():
        return {}
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_pairs)
    except UnicodeDecodeError as error:
        raise Problem("malformed", f"The body is not UTF-8 (at byte {error.start}).") from error
    except RecursionError as error:
        raise Problem("malformed", "The body is nested too deeply.") from error
    except ValueError as error:
        raise Problem("malformed", f"The body is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise Problem("malformed", "The body must be a JSON object.")
    for field, reason in unkeepable(document):
        raise Problem("malformed", f"{field or 'The body'}: {reason}.", [(field, reason)])
    return document


def unkeepable(document: Any) -> list[tuple[str, str]]:
    """Where a document holds what PostgreSQL or UTF-8 cannot: NUL, half of a surrogate pair; or nests too deeply."""
    found: list[tuple[str, str]] = []
    waiting: list[tuple[str, Any, int]] = [("", document, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return [("", f"nested deeper than {MAX_DEPTH} levels")]
        if isinstance(value, str):
            if not is_keepable(value):
                found.append((path, "holds a character that is not text"))
        elif isinstance(value, dict):
            if not all(is_keepable(key) for key in value):
                return [(path, "has a field name that is not text")]
            waiting += [(f"{path}.{key}".lstrip("."), inner, depth + 1) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}.{index}".lstrip("."), inner, depth + 1) for index, inner in enumerate(value)]
    return found


def is_keepable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _drop(request: Request) -> None:
    if "HTTP_EXPECT" in request.environ:
        return  # it waits for our word before it sends
    taken = 0
    with suppress(ValueError, OSError):
        while taken < _DROPPED and (chunk := request.environ["wsgi.input"].read(MAX_BODY)):
            taken += len(chunk)


def _too_large() -> Problem:
    return Problem("too-large", f"At most {MAX_BODY // 1024} KiB are read. Shorten the text.")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a field is given twice")
    return document
