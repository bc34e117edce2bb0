"""JSON from outside, held to I-JSON (RFC 7493): what every reader understands alike and every database can keep."""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: Levels of objects and arrays within each other. Ours have five at most.
MAX_DEPTH = 16

#: The largest whole number that a reader with 64-bit floats keeps exactly (RFC 7493, 2.2); RFC 8785 needs it too.
MAX_INTEGER = 2**53 - 1


def loads(body: bytes) -> Any:
    """Parse bytes from outside.

    Raises:
        ValueError: not UTF-8, not JSON, nested too deeply, a name given twice in one object, a number that 64-bit
            floats cannot hold, or a text with NUL or half of a surrogate pair. The message repeats nothing of the body.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_float
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels") from None
    # Most messages can have neither fault, and looking costs more than all the rest.
    if "\\u" in text or text.count("{") + text.count("[") > MAX_DEPTH:
        _check(document)
    return document


def loosely(body: bytes) -> Any:
    """What any reader can make of it, None if none can: for looking into what was refused, never for acting on it."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def is_text(text: str) -> bool:
    """Whether PostgreSQL and UTF-8 can hold it: no NUL, no half of a surrogate pair."""
    return _NO_TEXT.search(text) is None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a name is given twice in one object")
    return document


def _integer(digits: str) -> int:
    if len(digits) > len(str(MAX_INTEGER)) + 1 or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("a whole number is beyond 2^53")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is not finite")
    return number


def _check(document: Any) -> None:
    """Depth, and texts. Walked without recursion: depth is what we are guarding against.

    A character that is no text can only come from an escape: UTF-8 has no surrogates, and JSON no raw NUL.
    """
    waiting = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            waiting += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]
        elif isinstance(value, str) and not is_text(value):
            raise ValueError("a text holds NUL or half of a surrogate pair")
