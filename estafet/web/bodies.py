"""Reading a request's body: bounded first, JSON second, and of the kind every reader understands alike."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from werkzeug.wrappers import Request

from estafet.events import ijson
from estafet.web.problems import Problem

#: Largest request body, in bytes.
MAX_BODY = 64 * 1024

#: Of a body too large, this much is taken off the wire and dropped: a client that is still sending when the connection
#: closes would see a reset instead of the answer.
_DROPPED = 8 * 1024 * 1024


def read(request: Request) -> bytes:
    """The body's bytes; never more than the limit is kept.

    Raises:
        Problem: ``too-large``; ``malformed`` when the transfer broke off.
    """
    if (request.content_length or 0) > MAX_BODY:
        drop(request)
        raise _too_large()
    try:
        body: bytes = request.environ["wsgi.input"].read(MAX_BODY + 1)
    except (ValueError, OSError) as error:
        raise Problem("malformed", "The body broke off. Send it again.", headers={"Connection": "close"}) from error
    if len(body) > MAX_BODY:
        drop(request)
        raise _too_large()
    if len(body) < (request.content_length or 0):
        raise Problem("malformed", "The body is shorter than its Content-Length.", headers={"Connection": "close"})
    return body


def parse(body: bytes) -> dict[str, Any]:
    """A JSON object from a body; an empty body is an empty object.

    Raises:
        Problem: ``malformed``, saying what is wrong.
    """
    if not body.strip():
        return {}
    try:
        document = ijson.loads(body)
    except ValueError as error:
        raise Problem("malformed", f"The body cannot be read: {error}.") from error
    if not isinstance(document, dict):
        raise Problem("malformed", "The body must be a JSON object.")
    return document


def drop(request: Request, most: int = _DROPPED) -> None:
    """Take what is left of a body off the wire, up to so many bytes."""
    if "HTTP_EXPECT" in request.environ:
        return  # it waits for our word before it sends
    taken = 0
    with suppress(ValueError, OSError):
        while taken < most and (chunk := request.environ["wsgi.input"].read(MAX_BODY)):
            taken += len(chunk)


def _too_large() -> Problem:
    return Problem("too-large", f"At most {MAX_BODY // 1024} KiB are read. Shorten the text.")
