"""The chain: every message about a report, each entry sealed by a hash over itself and the entry before.

SHA-256 over RFC 8785 canonical JSON (JSON Canonicalization Scheme). Each stored column is under the hash, the bodies as
the exact text that was sent, so that a single changed byte anywhere is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime

import orjson

from estafet.events import instant

#: What the first entry names as its previous hash.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message in a report's chain. ``hash`` seals everything else in it."""

    code: str
    #: From 1, without gaps.
    position: int
    #: The message's own id and name.
    id: str
    name: str
    #: The service that published it, as its source says.
    publisher: str
    #: When it was sent, as in the message: RFC 3339 text in UTC.
    time: str
    causationid: str | None
    correlationid: str
    #: It decided on a version that was gone, and had no effect.
    superseded: bool
    #: The message, as the JSON text that was on the wire.
    body: str
    previous: str
    hash: str = ""


_SEALED = tuple(each.name for each in fields(Entry) if each.name != "hash")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: what the next entry is sealed to."""

    position: int = 0
    hash: str = GENESIS


def seal(entry: Entry) -> str:
    """The hash of an entry: of all its fields but the hash itself.

    Of text, booleans and numbers below 2**53 under names in ASCII, which is all there is, orjson writes the canonical
    form (RFC 8785) itself.
    """
    content = {name: getattr(entry, name) for name in _SEALED}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def append(
    head: Head,
    *,
    code: str,
    id: str,
    name: str,
    publisher: str,
    time: datetime,
    causationid: str | None,
    correlationid: str,
    superseded: bool,
    body: str,
) -> Entry:
    """The entry that comes next after ``head``, sealed."""
    entry = Entry(
        code=code,
        position=head.position + 1,
        id=id,
        name=name,
        publisher=publisher,
        time=instant(time),
        causationid=causationid,
        correlationid=correlationid,
        superseded=superseded,
        body=body,
        previous=head.hash,
    )
    return replace(entry, hash=seal(entry))


def head_of(entry: Entry | None) -> Head:
    return Head() if entry is None else Head(entry.position, entry.hash)


def verify(entries: Iterable[Entry], head: Head | None = None) -> int | None:
    """The position where a chain is broken, or None when it is whole.

    ``head`` is where the chain is known to end, stored apart: with it, entries cut off at the end are found too, and
    the position answered is then the first one missing.
    """
    last = Head()
    for entry in entries:
        if entry.position != last.position + 1 or entry.previous != last.hash or seal(entry) != entry.hash:
            return last.position + 1
        last = Head(entry.position, entry.hash)
    if head is not None and head != last:
        return min(head.position, last.position) + (head.position != last.position)
    return None
