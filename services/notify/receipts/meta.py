"""The own callbacks of Meta's WhatsApp Cloud API: JSON about several messages, signed with the app's secret.

A message may carry a text for us (``biz_opaque_callback_data``), which comes back with each word on it: our own id. So
no id of Meta's has to be known, and a word that comes before Meta's own answer is understood too.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from estafet.events import ijson
from services.notify import states

#: What it says that is no step on the way.
_ARRIVED = ("delivered", "read", "played")
_FAILED = "failed"
#: The number has no WhatsApp, or one that cannot take it. Of all others (too late for a free text, too many messages,
#: a setting of ours) another message may arrive.
_NO_ADDRESS = 131026

_OURS = "biz_opaque_callback_data"
_LONGEST_ID = 64


def told(options: Mapping[str, Any], id: str) -> dict[str, Any]:
    """The request that sends a message, as `requests` is given it, with our id for what becomes of it."""
    return {**options, "data": json.dumps({**json.loads(options["data"]), _OURS: id})}


def is_signed(secret: str, body: bytes, shown: str | None) -> bool:
    """Whether Meta sent these bytes."""
    signature = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return hmac.compare_digest(signature.encode(), (shown or "").encode())


def said(body: bytes) -> list[tuple[str, str]]:
    """Our ids of the messages it is about, with the state that each has by its word. What is on its way, or none of
    ours, is left out.

    Raises:
        ValueError: it is no JSON that can be read.
    """
    found = []
    for status in _statuses(ijson.loads(body)):
        state, id = _state(status), status.get(_OURS)
        if state is not None and isinstance(id, str) and len(id) <= _LONGEST_ID:
            found.append((id, state))
    return found


def _state(status: Mapping[str, Any]) -> str | None:
    if status.get("status") in _ARRIVED:
        return states.DELIVERED
    if status.get("status") != _FAILED:
        return None
    codes = [error.get("code") for error in _objects(status.get("errors"))]
    return states.PERMANENT if _NO_ADDRESS in codes else states.TEMPORARY


def _statuses(document: Any) -> Iterator[Mapping[str, Any]]:
    for entry in _objects([document]):
        for each in _objects(entry.get("entry")):
            for change in _objects(each.get("changes")):
                value = change.get("value")
                yield from _objects(value.get("statuses") if isinstance(value, dict) else None)


def _objects(items: Any) -> Iterator[Mapping[str, Any]]:
    """Those of a list that are objects; none, of what is no list."""
    yield from (each for each in (items if isinstance(items, list) else ()) if isinstance(each, dict))
