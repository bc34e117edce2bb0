"""Golden files: what every version of every event looked like on the wire, and must stay readable for ever.

A new event's file is written by ``python -m tests.contract.test_golden``, which never overwrites one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from marshmallow import Schema, fields

from estafet.events import CONTRACTS, Contract, Event, contract, encode, parse
from estafet.events.golden import GOLDEN, path_of
from estafet.events.jsonschema import envelope_schema, schema_of
from tests.contract.examples import EXAMPLES

FILES = sorted(GOLDEN.glob("*.json"))
CODE = "KDR-7F3K-92Q"
NOT_ABOUT_A_TICKET = {"report.submitted", "report.rejected", "directory.published"}


def _file(agreed: Contract) -> Path:
    return path_of(agreed.name, agreed.version)


def _example(agreed: Contract) -> Event:
    about = agreed.name not in NOT_ABOUT_A_TICKET
    custody = "ticket" in agreed.schema._declared_fields
    return Event(
        name=agreed.name,
        version=agreed.version,
        source="/apps/intake" if agreed.publisher == "intake" else f"/estafet/{agreed.publisher}",
        data=EXAMPLES[agreed.name],
        id="019e0000-0000-7000-8000-000000000002",
        time=datetime(2026, 5, 4, 3, 0, 0, 250000, tzinfo=UTC),
        correlationid="019e0000-0000-7000-8000-000000000001",
        causationid=None if agreed.publisher == "intake" else "019e0000-0000-7000-8000-000000000001",
        subject=CODE if about else None,
        subjectversion=4 if custody else None,
    )


def test_every_event_has_its_golden_file() -> None:
    missing = {_file(agreed).name for agreed in CONTRACTS} - {path.name for path in FILES}
    assert not missing, "an example into tests/contract/examples.py, then python -m tests.contract.test_golden"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_file_is_read_by_todays_schema(path: Path) -> None:
    event = parse(path.read_bytes())
    agreed = contract(event.name, event.version)
    schema = agreed.schema()
    loaded = schema.load(dict(event.data))
    assert _moments_as_utc(schema.dump(loaded)) == _moments_as_utc(dict(event.data))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reading_and_writing_again_gives_the_same_bytes(path: Path) -> None:
    assert encode(parse(path.read_bytes())) == path.read_bytes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_file_satisfies_the_published_json_schema(path: Path) -> None:
    event = parse(path.read_bytes())
    document = json.loads(path.read_bytes())
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for schema, value in (
        (envelope_schema(), document),
        (schema_of(contract(event.name, event.version)), document["data"]),
    ):
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema, format_checker=formats).validate(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_independent_reader_sees_the_same_cloudevent(path: Path) -> None:
    ours = parse(path.read_bytes())
    theirs = JSONFormat().read(CloudEvent, path.read_bytes())
    assert theirs.get_specversion() == "1.0"
    assert (theirs.get_id(), theirs.get_source(), theirs.get_type()) == (ours.id, ours.source, ours.type)
    assert (theirs.get_subject(), theirs.get_time()) == (ours.subject, ours.time)
    assert theirs.get_datacontenttype() == "application/json"
    assert theirs.get_dataschema() == schema_of(contract(ours.name, ours.version))["$id"]
    for extension in ("correlationid", "causationid", "subjectversion"):
        assert theirs.get_extension(extension) == getattr(ours, extension)
    assert theirs.get_data() == ours.data


@pytest.mark.parametrize("agreed", CONTRACTS, ids=lambda agreed: agreed.type)
def test_a_reader_ignores_what_it_does_not_know(agreed: Contract) -> None:
    schema = agreed.schema()
    grown = _grown(schema, json.loads(_file(agreed).read_bytes())["data"])
    assert "added-later" in json.dumps(grown)
    assert "added-later" not in json.dumps(schema.dump(schema.load(grown)))


def _grown(schema: Schema, data: dict[str, Any]) -> dict[str, Any]:
    """The same, with an unknown field in every object that has a schema."""
    grown = {**data, "later": "added-later"}
    for name, field in schema.fields.items():
        if isinstance(field, fields.Nested) and data.get(name):
            grown[name] = _grown(field.schema, data[name])
        elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            grown[name] = [_grown(field.inner.schema, each) for each in data[name]]
    return grown


def _moments_as_utc(value: Any) -> Any:
    """marshmallow writes a moment with the offset it was read with; compare what is meant."""
    if isinstance(value, dict):
        return {key: _moments_as_utc(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_moments_as_utc(each) for each in value]
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if "T" in value else value
    except (TypeError, ValueError):
        return value


def _write_missing() -> None:
    missing = [agreed for agreed in CONTRACTS if not _file(agreed).exists()]
    if without := sorted({agreed.name for agreed in missing} - EXAMPLES.keys()):
        raise SystemExit(f"{', '.join(without)}: write an example into tests/contract/examples.py first.")
    for agreed in missing:
        _file(agreed).write_bytes(encode(_example(agreed)))


if __name__ == "__main__":
    _write_missing()
