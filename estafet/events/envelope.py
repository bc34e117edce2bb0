"""CloudEvents 1.0 in structured JSON: the one form in which a message leaves or enters the system.

The AMQP content type is ``application/json``, not ``application/cloudevents+json``: a plain nameko consumer logs and
acknowledges a content type it does not know, and the event would be lost to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import uuid_utils

from estafet.events import ijson

#: Largest body read, in bytes. CloudEvents asks intermediaries for 64 KiB; the city directory needs more.
MAX_BODY = 256 * 1024

_TYPE = re.compile(r"id\.estafet\.(?P<name>[a-z]+\.[a-z]+)\.v(?P<version>[1-9][0-9]?)")
_TEXT_LIMIT = 255


class Malformed(ValueError):
    """Bytes that are not one of our events. ``field`` names the attribute at fault, ``""`` the body as a whole."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field or 'body'}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """One message. ``source`` and ``id`` together are its identity; equal means duplicate (CloudEvents 1.0, 3.1)."""

    name: str
    source: str
    data: Mapping[str, Any]
    id: str
    time: datetime
    #: The first message of the chain.
    correlationid: str
    #: The ``id`` of the message that caused this one; None when a person or another app did.
    causationid: str | None = None
    #: The ticket's code; None for what is about no ticket (the directory, a rejected report).
    subject: str | None = None
    #: The ticket's version after the change that this event tells of.
    subjectversion: int | None = None
    traceparent: str | None = None
    #: ``confidential`` on confidential categories (CloudEvents data classification extension).
    dataclassification: str | None = None
    #: The schema's version: 1 in ``id.estafet.handoff.offered.v1``.
    version: int = 1

    @property
    def type(self) -> str:
        return f"id.estafet.{self.name}.v{self.version}"


def new_id() -> str:
    """A UUIDv7 (RFC 9562): unique, and sorted by the time it was made."""
    return str(uuid_utils.uuid7())


def made_at(id: str) -> datetime | None:
    """When :func:`new_id` made an id: its first 48 bits are milliseconds (RFC 9562, 5.7). None: it is another's."""
    try:
        known = UUID(id)
        return datetime.fromtimestamp((known.int >> 80) / 1000, UTC) if known.version == 7 else None
    except (ValueError, OverflowError):  # no UUID, or one of a year that there will not be
        return None


def first_id(time: datetime) -> str:
    """What every id made at a time, or later, is greater than or equal to."""
    milliseconds = f"{int(time.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}"


def instant(time: datetime) -> str:
    """A time as messages and the chain write it: RFC 3339 in UTC, with microseconds, so that texts sort as times."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def encode(event: Event) -> bytes:
    """The exact bytes that go on the wire, into the outbox and under the hash."""
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.subject,
        "time": instant(event.time),
        "datacontenttype": "application/json",
        "dataschema": f"urn:estafet:schema:{event.name}.v{event.version}",
        "correlationid": event.correlationid,
        "causationid": event.causationid,
        "subjectversion": event.subjectversion,
        "traceparent": event.traceparent,
        "dataclassification": event.dataclassification,
        "data": event.data,
    }
    present = {name: value for name, value in attributes.items() if value is not None}
    return orjson.dumps(present)


def parse(body: bytes) -> Event:
    """Read an event from outside. The envelope is checked here, ``data`` by the event's own schema.

    Raises:
        Malformed: too large, not I-JSON (:mod:`estafet.events.ijson`), not an object, or an attribute missing or of
            the wrong form.
    """
    document = _document(body)
    if document.get("specversion") != "1.0":
        raise Malformed("specversion", 'must be "1.0"')
    kind = _TYPE.fullmatch(_text(document, "type"))
    if kind is None:
        raise Malformed("type", "must look like id.estafet.report.submitted.v1")
    data = document.get("data")
    if not isinstance(data, dict):
        raise Malformed("data", "must be a JSON object")
    identity = _text(document, "id")
    return Event(
        name=kind["name"],
        version=int(kind["version"]),
        source=_text(document, "source"),
        data=data,
        id=identity,
        time=_time(document),
        correlationid=_optional(document, "correlationid") or identity,
        causationid=_optional(document, "causationid"),
        subject=_optional(document, "subject"),
        subjectversion=_version(document),
        traceparent=_optional(document, "traceparent"),
        dataclassification=_optional(document, "dataclassification"),
    )


def _document(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY:
        raise Malformed("", f"{len(body)} bytes, at most {MAX_BODY} are read")
    try:
        document = ijson.loads(body)
    except ValueError as error:
        raise Malformed("", str(error)) from error
    if not isinstance(document, dict):
        raise Malformed("", "must be a JSON object")
    return document


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_LIMIT or not value.isprintable():
        raise Malformed(name, f"must be a text of 1 to {_TEXT_LIMIT} printable characters")
    return value


def _optional(document: Mapping[str, Any], name: str) -> str | None:
    return None if document.get(name) is None else _text(document, name)


def _time(document: Mapping[str, Any]) -> datetime:
    if document.get("time") is None:
        return datetime.now(UTC)
    try:
        time = datetime.fromisoformat(_text(document, "time"))
    except ValueError as error:
        raise Malformed("time", "must be an RFC 3339 time, such as 2026-05-04T08:00:00+07:00") from error
    if time.tzinfo is None:
        raise Malformed("time", "must carry its offset from UTC, such as Z or +07:00")
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise Malformed("time", "must be within the years 1 to 9999 in UTC") from error


def _version(document: Mapping[str, Any]) -> int | None:
    value = document.get("subjectversion")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise Malformed("subjectversion", "must be a positive 32-bit integer")
    return value
