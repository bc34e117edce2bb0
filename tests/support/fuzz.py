"""Messages that nobody agreed on: events with something wrong, bytes that are none, properties that lie."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from estafet.events import CONTRACTS, Contract
from estafet.events.envelope import MAX_BODY
from tests.contract.examples import EXAMPLES

#: queue → the event it is for
QUEUES: Mapping[str, Contract] = {queue: contract for contract in CONTRACTS for queue in contract.queues}

#: Deeper than is read, and wider than is sensible.
_DEEP: Any = json.loads("[" * 500 + "]" * 500)
_LONG = "panjang " * 1000

#: What stands where something else should.
_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**53, 2**63, 10**40, -(2**53), 0.1, 1e308, "1", "true", "null"]),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(
        ["", "\0", "\ud800", "x\0y", "\u202e", "'; drop table tickets; --", "../../etc", _LONG, "\n", "KDR-7F3K-92Q"]
    ),
    st.sampled_from(["2026-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-05-04"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=5),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.builds(lambda: copy.deepcopy(_DEEP)),
    st.builds(lambda: [{}] * 20_000),
)


@dataclass(frozen=True)
class Message:
    """What is put into a queue."""

    queue: str
    body: bytes
    properties: Mapping[str, Any] = field(default_factory=dict)


@st.composite
def documents(draw: st.DrawFn, contract: Contract) -> dict[str, Any]:
    """An event as it is agreed."""
    services = contract.publisher if contract.publisher != "intake" else ""
    document = {
        "specversion": "1.0",
        "id": str(uuid.UUID(int=draw(st.integers(0, 2**128 - 1)))),
        "source": f"/estafet/{services}" if services else draw(st.sampled_from(["/fuzz/a", "/fuzz/b"])),
        "type": f"id.estafet.{contract.name}.v{contract.version}",
        "subject": draw(st.sampled_from(["KDR-7F3K-92Q", "KDR-0000-000", "nobody's", None])),
        "subjectversion": draw(st.sampled_from([1, 2, 7, 2**31 - 1, None])),
        "time": draw(st.sampled_from(["2026-05-04T08:00:00+07:00", "2026-05-04T08:00:00Z", None])),
        "datacontenttype": "application/json",
        "data": copy.deepcopy(dict(EXAMPLES[contract.name])),
    }
    return {name: value for name, value in document.items() if value is not None}


def _places(value: Any, found: list[tuple[Any, Any]] | None = None) -> list[tuple[Any, Any]]:
    """Every place in a document: what holds it, and under which name or number."""
    found = [] if found is None else found
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in list(pairs):
        found.append((value, name))
        if len(found) < 200:
            _places(each, found)
    return found


@st.composite
def mutated(draw: st.DrawFn, contract: Contract) -> bytes:
    """An event with one to three things wrong, as JSON."""
    document = draw(documents(contract))
    for _ in range(draw(st.integers(1, 3))):
        holder, name = draw(st.sampled_from(_places(document)))
        act = draw(st.sampled_from(["drop", "replace", "replace", "double", "add"]))
        if act == "drop":
            del holder[name]
        elif act == "replace":
            holder[name] = draw(_ODD)
        elif act == "double":
            holder[name] = [holder[name], holder[name]]
        elif isinstance(holder, dict):
            holder[draw(st.text(max_size=8))] = draw(_ODD)
    return _json(document)


def _json(document: Any) -> bytes:
    """Also what JSON does not allow: NaN, and halves of surrogate pairs."""
    return json.dumps(document).encode()


@st.composite
def broken(draw: st.DrawFn, contract: Contract) -> bytes:
    """An event cut short, or with a byte or two of it changed."""
    body = bytearray(_json(draw(documents(contract))))
    if draw(st.booleans()):
        return bytes(body[: draw(st.integers(0, len(body)))])
    for _ in range(draw(st.integers(1, 3))):
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    return bytes(body)


@st.composite
def swapped(draw: st.DrawFn, contract: Contract) -> bytes:
    """A good event in a wrong queue, from a wrong source, of a wrong type or about a wrong subject."""
    document = draw(documents(draw(st.sampled_from(list(QUEUES.values())))))
    document["source"] = draw(st.sampled_from(["/estafet/tickets", "/estafet/routing", "/fuzz/x", "/"]))
    document["id"] = draw(st.sampled_from(["1", "2", document["id"]]))
    if draw(st.booleans()):
        document["type"] = f"id.estafet.{contract.name}.v{draw(st.integers(0, 3))}"
    return _json(document)


_PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "content_type": st.sampled_from(
            ["text/plain", "application/x-python-serialize", "application/cloudevents+json", ""]
        ),
        "content_encoding": st.sampled_from(["gzip", "utf-16", "binary", "nonsense", ""]),
        "type": st.sampled_from(["id.estafet.ticket.opened.v1", "x" * 200]),
        "message_id": st.sampled_from(["1", "x" * 255]),
        "priority": st.integers(0, 255),
        "application_headers": st.sampled_from(
            [
                {"x-death": "dead"},
                {"x-death": [{"queue": "evt-routing-handoff.routed--tickets.decide", "count": 99}]},
                {"x-delivery-count": 99},
                {"again": True, "compression": "application/x-gzip"},
                {"nested": {"a": [1, 2, {"b": None}]}},
            ]
        ),
    },
)

_KINDS: tuple[Callable[[Contract], st.SearchStrategy[bytes]], ...] = (
    lambda contract: documents(contract).map(_json),
    mutated,
    mutated,
    mutated,
    broken,
    swapped,
    lambda contract: st.binary(max_size=300),
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Anything, for any queue; at most as large as the deployed broker takes."""
    queue = draw(st.sampled_from(sorted(QUEUES)))
    contract = QUEUES[queue]
    body = draw(draw(st.sampled_from(_KINDS))(contract))[: MAX_BODY - 1]
    if contract.name == "directory.published" or b"directory.published" in body:
        body = body.replace(b'"number": 1,', b'"number": 0,')
    return Message(queue, body, draw(_PROPERTIES))
