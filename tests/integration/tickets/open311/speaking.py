"""A client of Open311, and what it counts on by the specification."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import jsonschema

from tests.integration.tickets.served import Report

BASE = "/open311/v2"
FORM = {
    "service_code": "lubang",
    "description": "Lubang besar di depan pasar, dekat rumah Bu Sari.",
    "lat": "-7.8166",
    "long": "112.0114",
    "address_string": "Jalan Pasar 5",
    "address_id": "n-1",
    "first_name": "Budi",
    "last_name": "Santoso",
    "email": "budi@contoh.id",
    "phone": "0812-3456-7890",
    "media_url": "https://contoh.id/foto.jpg",
    "jurisdiction_id": "contoh.id",
}
#: What only the app that sent a report is shown.
WRITTEN = ("description", "lat", "long", "address", "address_id", "media_url")
_TEXT, _MAYBE_TEXT = {"type": "string"}, {"type": ["string", "null"]}
_TIME, _MAYBE_NUMBER = {"type": "string", "format": "date-time"}, {"type": ["number", "null"]}


def _object(required, /, **properties):
    return {"type": "object", "required": required, "properties": properties}


#: What a client of the standard counts on, by the specification.
REQUESTS = {
    "type": "array",
    "items": _object(
        ["service_request_id", "status", "service_code", "requested_datetime"],
        service_request_id=_TEXT,
        status={"enum": ["open", "closed"]},
        status_notes=_MAYBE_TEXT,
        service_name=_TEXT,
        service_code=_TEXT,
        description={"type": ["string", "null"], "maxLength": 4000},
        agency_responsible=_MAYBE_TEXT,
        service_notice=_MAYBE_TEXT,
        requested_datetime=_TIME,
        updated_datetime=_TIME,
        expected_datetime={"type": ["string", "null"], "format": "date-time"},
        address=_MAYBE_TEXT,
        address_id=_MAYBE_TEXT,
        zipcode=_MAYBE_TEXT,
        lat=_MAYBE_NUMBER,
        long=_MAYBE_NUMBER,
        media_url={"type": ["string", "null"], "format": "uri"},
    ),
}
SERVICES = {
    "type": "array",
    "items": _object(
        ["service_code", "service_name", "metadata", "type"],
        service_code=_TEXT,
        service_name=_TEXT,
        description=_MAYBE_TEXT,
        metadata={"type": "boolean"},
        type={"enum": ["realtime", "batch", "blackbox"]},
        keywords=_MAYBE_TEXT,
        group=_MAYBE_TEXT,
    ),
}
_VALUES = {"type": "array", "items": _object(["key", "name"], key=_TEXT, name=_TEXT)}
DEFINITION = _object(
    ["service_code", "attributes"],
    service_code=_TEXT,
    attributes={
        "type": "array",
        "items": _object(
            ["variable", "code", "datatype", "required"],
            variable={"type": "boolean"},
            code=_TEXT,
            datatype={"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
            required={"type": "boolean"},
            order={"type": "integer", "minimum": 1},
            values=_VALUES,
        ),
    },
)


def valid(document, schema):
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=formats).validate(document)
    return document


def get(served, path, expected=200, /, **query):
    response = served.http.get(f"{BASE}/{path}", params=query)
    assert response.status_code == expected, response.text
    return response


def post(served, path, **form):
    return served.http.post(f"{BASE}/{path}", data=form)


def file(served, key, **changes):
    """File a request; answers the report in the running service."""
    response = post(served, "requests.json", api_key=key, **FORM | changes)
    assert response.status_code == 200, response.text
    (filed,) = response.json()
    return Report(served, filed["service_request_id"], "")


def read(served, report, **query):
    (found,) = valid(get(served, f"requests/{report.code}.json", **query).json(), REQUESTS)
    return found


def faults(response, status):
    assert response.status_code == status, response.text
    errors = response.json()
    assert {each["code"] for each in errors} == {status}
    return " ".join(each["description"] for each in errors)


def updates(served, key, report, **query):
    found = get(served, "servicerequestupdates.json", api_key=key, **query).json()
    return [each for each in found if each["service_request_id"] == report.code]


def say(served, key, report, **changes):
    form = {
        "api_key": key,
        "service_request_id": report.code,
        "update_id": str(uuid.uuid4()),
        "status": "OPEN",
        "updated_datetime": datetime.now(UTC).isoformat(timespec="seconds"),
        "description": "Masih belum diperbaiki.",
    }
    return post(served, "servicerequestupdates.json", **form | changes)


def said(response):
    assert response.status_code == 200, response.text
    (update,) = response.json()
    return update["update_id"]
