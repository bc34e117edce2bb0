"""What an error says, without what people wrote: an exception's text may repeat the value that it failed on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from estafet.events import CONTRACTS, ijson

MASK = "…"
#: Shorter values would mask parts of ordinary words.
_SHORTEST = 3

#: Handlers of messages that may hold what people gave or wrote of themselves.
PERSONAL = frozenset(listener for each in CONTRACTS if each.personal for listener in each.listeners)


def masked(detail: str, subscription: str, body: bytes) -> str:
    """The detail as it may be kept beside a message: every text in the message's data is masked in it."""
    detail = detail.replace("\0", "\\0")
    if subscription not in PERSONAL:
        return detail
    for text in sorted(_texts(_data(body)), key=len, reverse=True):
        detail = detail.replace(text, MASK)
    return detail


def _data(body: bytes) -> Any:
    document = ijson.loosely(body)  # what nobody can read, nobody's error repeats
    return document.get("data") if isinstance(document, dict) else None


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, also as Python shows it."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str) and len(each) >= _SHORTEST:
            yield from (each, repr(each)[1:-1])
