"""Bytes from outside: whatever they are, they are an event or they are Malformed."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estafet.events import Malformed, encode, ijson, parse
from estafet.events.envelope import MAX_BODY
from estafet.events.jsonschema import envelope_schema

GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "/apps/intake",
    "type": "id.estafet.report.submitted.v1",
    "data": {"category": "road", "text": "A hole."},
}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
_attributes = st.sampled_from([*envelope_schema()["properties"], "other"])


def _bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


def _parses_or_is_malformed(body: bytes) -> None:
    try:
        event = parse(body)
    except Malformed:
        return
    assert parse(encode(event)) == event
    assert event.time.tzinfo is UTC


@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    _parses_or_is_malformed(body)


@given(_json)
def test_any_json(document: Any) -> None:
    _parses_or_is_malformed(_bytes(document))


@given(st.dictionaries(_attributes, _json, max_size=4))
def test_an_event_with_anything_in_its_attributes(changes: dict[str, Any]) -> None:
    _parses_or_is_malformed(_bytes({**GOOD, **changes}))


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
def test_an_event_with_any_text_as_its_time(text: str) -> None:
    _parses_or_is_malformed(_bytes({**GOOD, "time": text}))


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_an_event_of_any_time(time: Any) -> None:
    _parses_or_is_malformed(_bytes({**GOOD, "time": time.isoformat()}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "line\nbreak"),
        ("id", "bell\x07"),
        ("id", "nul\x00"),
        ("id", ""),
        ("id", "x" * 256),
        ("id", 1),
        ("source", "half \ud800"),
        ("subject", "\u202eright to left"),
        ("type", "id.estafet.report.submitted.v0"),
        ("type", "com.example.report.v1"),
        ("specversion", "0.3"),
        ("time", "yesterday"),
        ("time", "2026-05-04T08:00:00"),
        ("time", "0001-01-01T00:00:00+14:00"),
        ("time", "9999-12-31T23:59:59-12:00"),
        ("subjectversion", 0),
        ("subjectversion", 2**31),
        ("subjectversion", True),
        ("subjectversion", "3"),
        ("data", []),
        ("data", None),
    ],
)
def test_a_bad_attribute_is_named(field: str, value: Any) -> None:
    with pytest.raises(Malformed) as caught:
        parse(_bytes({**GOOD, field: value}))
    assert caught.value.field in (field, "")


@pytest.mark.parametrize("field", ["id", "source", "type", "specversion", "data"])
def test_a_missing_attribute_is_named(field: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(_bytes({key: value for key, value in GOOD.items() if key != field}))
    assert caught.value.field == field


def _with_data(raw: str) -> bytes:
    return _bytes(GOOD).replace(b'"A hole."', raw.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (_with_data("NaN"), "not finite"),
        (_with_data("-Infinity"), "not finite"),
        (_with_data("1e999"), "not finite"),
        (_with_data(str(2**53)), "beyond 2^53"),
        (_with_data("9" * 5000), "beyond 2^53"),
        (_with_data(r'"\u0000"'), "NUL"),
        (_with_data(r'"\ud83d"'), "surrogate"),
        (_with_data(r'{"\u0000": 1}'), "NUL"),
        (_with_data('"\ud83d"'), "not UTF-8"),
        (_with_data('"raw \x00"'), "not JSON"),
        (_with_data('"a", "text": "b"'), "given twice"),
        (_with_data('{"deep": {"a": 1, "a": 2}}'), "given twice"),
        (_with_data("[" * 20 + "]" * 20), "nested deeper"),
        (_with_data("[" * 100_000 + "]" * 100_000), "nested deeper"),
        (b"\xef\xbb\xbf" + _bytes(GOOD), "not JSON"),
        (json.dumps(GOOD).encode("utf-16"), "not UTF-8"),
        (b"", "not JSON"),
        (b'{"broken":', "not JSON"),
        (b"[]", "JSON object"),
        (b"x" * 5_000_000, f"at most {MAX_BODY}"),
    ],
)
def test_a_bad_body_is_told_why(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert reason in caught.value.reason


def test_the_reason_repeats_nothing_of_the_body() -> None:
    for body in (b'{"name": "Sri', b'{"Sri": 1, "Sri": 2}', b'{"Sri": "\\u0000"}', b"\xff Sri"):
        with pytest.raises(Malformed) as caught:
            parse(body)
        assert "Sri" not in str(caught.value)


@given(_json)
def test_what_is_read_can_be_written_as_utf_8(document: Any) -> None:
    try:
        read = ijson.loads(_bytes(document))
    except ValueError:
        return
    assert ijson.loads(json.dumps(read, ensure_ascii=False, allow_nan=False).encode()) == read
