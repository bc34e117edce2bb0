"""Open311 GeoReport v2 and mySociety's updates, over HTTP, with the service running on either database."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from sqlalchemy import event, select

from services.tickets import tokens
from services.tickets.open311 import requests
from services.tickets.open311 import updates as steps
from services.tickets.tables import texts, tickets
from tests.integration.tickets.served import Report
from tests.integration.tickets.town import PERSONAL

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


@pytest.fixture(autouse=True)
def present(served, monkeypatch):
    """What routing says, it says now: the running service's clock is the real one."""
    monkeypatch.setattr(served.town.clock, "now", lambda: datetime.now(UTC))


@pytest.fixture
def key(served):
    """An app's key. Nobody else's app in these tests has this name."""
    return served.token(f"app:{uuid.uuid4().hex}")


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


# What it offers


def test_discovery_in_both_formats(served):
    response = get(served, "discovery.json")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    found = response.json()
    assert found["contact"]
    assert found["key_service"]
    (endpoint,) = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"].endswith(BASE)
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] == "production"
    for changeset in (found["changeset"], endpoint["changeset"]):
        assert datetime.fromisoformat(changeset) < datetime.now(UTC)
    response = get(served, "discovery.xml")
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == "discovery"
    assert [each.text for each in root.iter("format")] == ["text/xml", "application/json"]


def test_services_are_the_citys_categories(served):
    found = valid(get(served, "services.json").json(), SERVICES)
    kinds = {each["service_code"]: (each["type"], each["metadata"]) for each in found}
    assert kinds["lubang"] == ("realtime", False)
    assert kinds["warga"] == ("realtime", True)
    assert kinds["curang"] == ("blackbox", False)
    root = ElementTree.fromstring(get(served, "services.xml").content)
    assert [each.findtext("service_code") for each in root.findall("service")] == [*kinds]


def test_a_category_that_needs_an_area_asks_for_it(served):
    found = valid(get(served, "services/warga.json").json(), DEFINITION)
    (place,) = found["attributes"]
    assert place["required"] is True
    assert place["values"] == [{"key": "n-1", "name": "Hulu"}, {"key": "n-2", "name": "Hilir"}]
    root = ElementTree.fromstring(get(served, "services/warga.xml").content)
    assert [each.findtext("key") for each in root.iter("value")] == ["n-1", "n-2"]
    assert valid(get(served, "services/lubang.json").json(), DEFINITION)["attributes"] == []
    assert "service_code" in faults(get(served, "services/tidak-ada.json", 404), 404)


@pytest.mark.parametrize("path", ["services.csv", "requests.csv", "discovery.html", "requests/CTH-1.pdf"])
def test_other_formats_are_not_there(served, path):
    response = get(served, path, 404)
    assert ElementTree.fromstring(response.content).findtext("error/code") == "404"


# Filing


@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_request_is_a_report_like_all_others(served, key, format):
    response = post(served, f"requests.{format}", api_key=key, account_id="akun-7", **FORM)
    assert response.status_code == 200
    if format == "json":
        (filed,) = response.json()
    else:
        root = ElementTree.fromstring(response.content)
        assert root.tag == "service_requests"
        filed = {each.tag: each.text for each in root.find("request")}
    assert filed["service_request_id"].startswith("CTH-")
    assert "token" not in filed
    assert filed["account_id"] == "akun-7"
    case = served.town.case(filed["service_request_id"])
    assert (case.category, case.place, case.status, case.reachable) == ("lubang", "n-1", "requested", True)
    assert [each["data"]["code"] for each in served.town.said("report.accepted")].count(case.code) == 1


def test_its_holder_reads_where_it_is_and_whom_to_ask(served, key):
    report = file(served, key).held("jalan")
    shown = report.get(office="jalan").json()
    assert shown["text"] == FORM["description"]
    assert shown["location"] == {"lat": -7.8166, "long": 112.0114, "address": "Jalan Pasar 5"}
    assert shown["media_url"] == FORM["media_url"]
    assert shown["place"]["code"] == "n-1"
    assert shown["contact"]["name"] == "Budi Santoso"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "est_salah"}, 403, "api_key"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "tidak-ada"}, 404, "service_code"),
        ({"long": ""}, 400, "long"),
        ({"lat": "utara"}, 400, "lat"),
        ({"address_id": "antah"}, 400, "address_id"),
        ({"service_code": "warga", "address_id": ""}, 400, "attribute[place]"),
        ({"service_code": "warga", "attribute[place]": "antah"}, 400, "attribute[place]"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"email": "bukan alamat"}, 400, "email"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"first_name": "\x00"}, 400, "not text"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(served, key, changes, status, said):
    before = served.town.names().count("ticket.opened")
    form = {"api_key": key, **FORM, **changes}
    assert said in faults(served.http.post(f"{BASE}/requests.json", data=form), status)
    assert served.town.names().count("ticket.opened") == before


def test_several_errors_are_told_at_once(served, key):
    response = post(served, "requests.json", api_key=key, description="x" * 4001, lat="1")
    told = faults(response, 400)
    assert all(each in told for each in ("service_code", "description", "long"))


def test_an_officers_token_is_no_apps_key(served):
    assert "app" in faults(post(served, "requests.json", api_key=served.token("jalan"), **FORM), 403)


@pytest.mark.parametrize(
    "place", [{"address_string": "Jalan Pasar 5"}, {"address_id": "n-2"}, {"lat": "0", "long": "0"}]
)
def test_one_way_to_say_where_is_enough(served, key, place):
    assert post(served, "requests.json", api_key=key, service_code="lubang", **place).status_code == 200


def test_an_attribute_given_as_a_list_is_read(served, key):
    body = f"api_key={key}&service_code=warga&address_string=x&attribute[place][]=&attribute[place][]=n-2"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    response = served.http.post(f"{BASE}/requests.json", content=body, headers=headers)
    (filed,) = response.json()
    assert served.town.case(filed["service_request_id"]).place == "n-2"


def test_a_token_in_the_header_is_as_good(served, key):
    response = served.http.post(f"{BASE}/requests.json", data=FORM, headers={"Authorization": f"Bearer {key}"})
    assert response.status_code == 200


def test_a_body_that_is_too_large_is_told_in_the_standards_words(served):
    body = b"description=" + b"x" * 70_000
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    faults(served.http.post(f"{BASE}/requests.json", content=body, headers=headers), 413)


@pytest.mark.parametrize("number", [{"service_request_id_ext": "77"}, {"attribute[fixmystreet_id]": "77"}])
def test_the_same_number_of_the_same_app_is_the_same_report(served, key, number):
    first = file(served, key, **number)
    assert file(served, key, **number, description="Sama, ditulis lagi.").code == first.code
    assert file(served, key, service_request_id_ext="78").code != first.code
    assert file(served, served.token(f"app:{uuid.uuid4().hex}"), **number).code != first.code
    with served.town.works.database.read() as connection:
        kept = connection.execute(select(tickets.c.reference).where(tickets.c.code == first.code)).scalar_one()
    assert kept == "77"


def test_a_new_token_of_an_app_goes_on_where_the_old_one_ended(served):
    name = uuid.uuid4().hex
    old, new = served.token(f"app:{name}"), served._token(f"app:{name}")
    assert old != new
    first = file(served, old, service_request_id_ext="9")
    assert file(served, new, service_request_id_ext="9").code == first.code
    assert read(served, first, api_key=new)["description"] == FORM["description"]


def test_an_idempotency_key_is_honoured(served, key):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    form = {"api_key": key, **FORM}
    first, again = (served.http.post(f"{BASE}/requests.json", data=form, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    other = served.http.post(f"{BASE}/requests.json", data=form | {"description": "Lain."}, headers=headers)
    faults(other, 400)


def test_an_emergency_is_told_to_call(served, key):
    (filed,) = post(served, "requests.json", api_key=key, **FORM | {"service_code": "banjir"}).json()
    assert "112" in filed["service_notice"]


def test_an_id_stands_for_itself_where_a_token_is_asked_for(served, key):
    report = file(served, key)
    assert get(served, f"tokens/{report.code}.json").json() == [
        {"service_request_id": report.code, "token": report.code}
    ]
    faults(get(served, "tokens/tidak-ada.json", 404), 404)


# Reading


@pytest.mark.parametrize("count", [0, 1, 2])
def test_xml_and_json_hold_the_same(served, key, count):
    codes = ",".join(file(served, key).held("jalan").code for _ in range(count)) or "CTH-0000-000"
    query = {"service_request_id": codes, "api_key": key}
    found = valid(get(served, "requests.json", **query).json(), REQUESTS)
    root = ElementTree.fromstring(get(served, "requests.xml", **query).content)
    assert root.tag == "service_requests"
    assert len(found) == count
    as_text = [{name: None if value is None else str(value) for name, value in each.items()} for each in found]
    assert [{each.tag: each.text for each in request} for request in root.findall("request")] == as_text


def test_what_was_written_is_shown_to_the_app_that_sent_it_alone(served, key):
    report = file(served, key)
    mine = read(served, report, api_key=key)
    assert mine["description"] == FORM["description"]
    assert (mine["lat"], mine["long"], mine["address"]) == (-7.8166, 112.0114, "Jalan Pasar 5")
    assert (mine["address_id"], mine["media_url"]) == ("n-1", FORM["media_url"])
    for query in ({}, {"api_key": served.token("app:lain")}, {"api_key": served.token("jalan")}):
        other = read(served, report, **query)
        assert {other[name] for name in WRITTEN} == {None}
        assert not [each for each in (*PERSONAL, "0812") if each in json.dumps(other, ensure_ascii=False)]
    for query in ({}, {"api_key": key}):
        shown = json.dumps(read(served, report, **query), ensure_ascii=False)
        assert not [each for each in ("Santoso", "budi@", "0812") if each in shown]
    faults(get(served, f"requests/{report.code}.json", 403, api_key="est_salah"), 403)


def test_a_confidential_report_is_not_there(served, key):
    (filed,) = post(served, "requests.json", api_key=key, **FORM | {"service_code": "curang"}).json()
    assert filed.keys() == {"service_notice", "account_id"}
    code = served.town.said("report.accepted")[-1]["data"]["code"]
    assert served.town.case(code).category == "curang"
    for query in ({}, {"api_key": key}):
        faults(get(served, f"requests/{code}.json", 404, **query), 404)
        faults(get(served, f"tokens/{code}.json", 404), 404)
        assert get(served, "requests.json", service_request_id=code, **query).json() == []
        assert get(served, "requests.json", service_code="curang", **query).json() == []
    assert updates(served, key, Report(served, code, "")) == []
    faults(say(served, key, Report(served, code, "")), 404)


@pytest.mark.parametrize("shown", [None, "app:lain", "jalan"])
def test_a_report_that_came_otherwise_is_listed_too_and_nobody_reads_what_was_written(served, shown):
    report = served.report(place="n-1", location={"address": "Jalan Pasar 5"}, media_url="https://contoh.id/1.jpg")
    query = {"api_key": served.token(shown)} if shown else {}
    (found,) = [
        each for each in get(served, "requests.json", **query).json() if each["service_request_id"] == report.code
    ]
    for other in (found, read(served, report, **query)):
        assert {other[name] for name in WRITTEN} == {None}


@pytest.mark.parametrize("code", ["CTH-0000-000", "x", "CTH-2222-222", "%20"])
def test_an_unknown_report_is_not_found(served, code):
    faults(get(served, f"requests/{code}.json", 404), 404)


def test_filters(served, key):
    begun = datetime.now(UTC).replace(microsecond=0)
    one, two = file(served, key), file(served, key, service_code="banjir")
    two.held("jalan").post("resolve", "jalan", reason="fixed")
    mine = {one.code, two.code}

    def found(**query):
        listed = get(served, "requests.json", start_date=begun.isoformat(), **query).json()
        return {each["service_request_id"] for each in listed} & mine

    assert found() == mine
    assert found(status="open") == {one.code}
    assert found(status="closed") == {two.code}
    assert found(status="open,closed") == mine
    assert found(service_code="banjir,warga") == {two.code}
    assert found(service_code="banjir", status="open") == set()
    assert found(service_request_id=one.code, service_code="warga", status="closed") == {one.code}
    assert found(end_date=begun.isoformat()) == set()
    assert found(extensions="true", jurisdiction_id="") == mine
    later = (begun + timedelta(hours=1)).isoformat()
    assert get(served, "requests.json", start_date=later, end_date=later).json() == []


def test_pages(served, key):
    for _ in range(3):
        file(served, key)
    whole = [each["service_request_id"] for each in get(served, "requests.json").json()]
    pages = [get(served, "requests.json", page=page, page_size=2).json() for page in (1, 2)]
    assert [each["service_request_id"] for page in pages for each in page] == whole[:4]


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
        {"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "2026-01-01T00:00:00"},
        {"status": "held"},
        {"page_size": "1001"},
    ],
)
def test_a_filter_that_cannot_be_is_refused(served, query):
    faults(get(served, "requests.json", 400, **query), 400)


@pytest.mark.parametrize("index", ["tickets_listed", "tickets_sent"])
def test_listing_reads_an_index_and_asks_once(served, index):
    now = datetime.now(UTC)
    query = {"start_date": None, "end_date": None, "service_code": None, "status": None, "page": 1, "page_size": 1000}
    asked = []
    with served.town.works.database.engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        if index == "tickets_listed":
            requests.listed(connection, query, now, "wali")
        else:
            steps.steps(connection, "wali", now - timedelta(days=1), now, 1, 1000)
        ((statement, parameters),) = [each for each in asked if each[0].startswith("SELECT")]
        if connection.dialect.name == "postgresql":
            # The tables are small: the planner would rather read them whole.
            connection.exec_driver_sql("set local enable_seqscan = off")
            plan = connection.exec_driver_sql(f"explain {statement}", parameters).scalars().all()
        else:
            plan = [str(row) for row in connection.exec_driver_sql(f"explain query plan {statement}", parameters)]
    assert any(index in line for line in plan), plan


def test_the_page_names_every_field_that_is_answered(served, key):
    page = (Path(__file__).parents[3] / "docs" / "open311.md").read_text()
    report = file(served, key)
    documents = [
        *(get(served, f"{each}.json").json() for each in ("discovery", "services", "services/warga")),
        post(served, "requests.json", api_key=key, **FORM).json(),
        *(get(served, f"{each}/{report.code}.json").json() for each in ("requests", "tokens")),
        updates(served, key, report),
    ]
    assert {name for each in documents for name in names(each) if f"`{name}`" not in page} == set()


def names(document):
    """Of every field in a document."""
    if isinstance(document, dict):
        yield from document
    for each in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from names(each)


def test_the_name_of_an_app_is_checked_when_its_token_is_issued(served):
    with served.town.works.database.begin() as connection, pytest.raises(ValueError, match="name of an app"):
        tokens.issue(connection, "app", "Not a name", "a test", datetime.now(UTC))


# Custody


def test_a_handoff_changes_who_is_responsible_and_nothing_else(served, key):
    report = file(served, key).held("jalan")
    first = read(served, report)
    assert report.post("handoffs", "jalan", receiver="taman", reason="not-our-task").status_code == 202
    report.offered("taman")
    report.post("refuse", "taman", right_office="hulu", reason="other-place", words="Di Hulu.")
    asked = read(served, report)
    assert (asked["status"], asked["agency_responsible"]) == ("open", "Jalan")
    report.held("hulu")
    handed = read(served, report)
    assert first["agency_responsible"] == "Jalan"
    assert handed["agency_responsible"] == "Hulu"
    assert handed["status"] == first["status"] == "open"
    assert "Hulu" in handed["status_notes"]
    assert handed["expected_datetime"] == first["expected_datetime"] == "2026-03-12T09:00:00+07:00"
    assert handed["requested_datetime"] == first["requested_datetime"]
    assert handed["updated_datetime"] >= first["updated_datetime"]

    told = updates(served, key, report)
    assert [each["status"] for each in told] == [
        *("open", "open", "in_progress"),
        *("investigating", "investigating", "investigating", "investigating", "in_progress"),
    ]
    refused = next(each["description"] for each in told if "menolak" in each["description"])
    assert refused == ("Taman menolak. Lokasinya di wilayah kantor lain. Menurutnya yang berwenang: Hulu. Di Hulu.")
    assert told[-1]["description"] == "Hulu menerima laporan dan kini memegangnya."
    assert len({each["update_id"] for each in told}) == len(told)

    report.post("resolve", "hulu", reason="fixed")
    done = read(served, report)
    assert done["status"] == "closed"
    assert done["agency_responsible"] == "Hulu"
    last = updates(served, key, report)[-1]
    assert (last["status"], last["updated_datetime"]) == ("fixed", done["updated_datetime"])


# Updates


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


def test_an_update_is_the_reporters_note_and_comes_back_under_the_same_id(served, key):
    report = file(served, key).held("jalan")
    id = said(say(served, key, report))
    (note,) = report.get(office="jalan").json()["notes"]
    assert (note["office"], note["public"], note["text"]) == (None, True, "Masih belum diperbaiki.")
    (back,) = [each for each in updates(served, key, report) if each["update_id"] == id]
    assert (back["description"], back["status"]) == ("Masih belum diperbaiki.", "in_progress")


def test_an_offices_note_is_told_and_a_hidden_one_is_not(served, key):
    report = file(served, key).held("jalan")
    report.post("notes", "jalan", text="Kami datang besok.")
    report.post("notes", "jalan", text="Jangan bilang dulu.", public=False)
    told = " ".join(each["description"] for each in updates(served, key, report))
    assert "Kami datang besok." in told
    assert "Jangan bilang" not in told


def test_the_same_update_id_is_the_same_update(served, key):
    report, other = file(served, key), file(served, key)
    id = said(say(served, key, report, update_id="5"))
    assert said(say(served, key, report, update_id="5", description="Lagi.")) == id
    with served.town.works.database.read() as connection:
        assert len([each for each in updates(served, key, report) if each["update_id"] == id]) == 1
        assert connection.execute(select(texts.c.text).where(texts.c.code == report.code)).scalar_one()
    assert "update_id" in faults(say(served, key, other, update_id="5"), 400)


@pytest.mark.parametrize(("status", "became"), [("FIXED", "closed"), ("REOPEN", "held"), ("CLOSED", "resolved")])
def test_the_reporters_answer_to_a_resolution(served, key, status, became):
    report = file(served, key).held("jalan")
    report.post("resolve", "jalan", reason="fixed")
    said(say(served, key, report, status=status))
    assert served.town.case(report.code).status == became


def test_what_was_written_before_the_resolution_does_not_answer_it(served, key):
    report = file(served, key).held("jalan")
    report.post("resolve", "jalan", reason="fixed")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    said(say(served, key, report, status="REOPEN", updated_datetime=yesterday))
    assert served.town.case(report.code).status == "resolved"


def test_only_the_app_that_sent_a_report_speaks_for_its_reporter(served, key):
    report = file(served, key)
    faults(say(served, served.token("app:lain"), report), 403)
    faults(say(served, "", report), 403)
    faults(say(served, served.token("jalan"), report), 403)
    faults(get(served, "servicerequestupdates.json", 403), 403)
    assert updates(served, served.token("app:lain"), report) == []
    faults(say(served, key, served.report()), 403)
    faults(say(served, key, Report(served, "CTH-2222-222", "")), 404)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"update_id": ""}, "update_id"),
        ({"status": ""}, "status"),
        ({"updated_datetime": "2026-03-02T09:00:00"}, "updated_datetime"),
    ],
)
def test_what_is_wrong_with_an_update_is_named(served, key, changes, named):
    report = file(served, key)
    assert named in faults(say(served, key, report, **changes), 400)


def test_updates_of_a_time(served, key):
    report = file(served, key)
    now = datetime.now(UTC)
    assert updates(served, key, report, start_date=(now - timedelta(hours=1)).isoformat())
    assert updates(served, key, report, end_date=(now - timedelta(hours=1)).isoformat()) == []
    whole = get(served, "servicerequestupdates.json", api_key=key).json()
    first = get(served, "servicerequestupdates.json", api_key=key, page=1, page_size=1).json()
    assert first == whole[:1]
    root = ElementTree.fromstring(get(served, "servicerequestupdates.xml", api_key=key).content)
    assert root.tag == "service_request_updates"
    assert [each.findtext("update_id") for each in root.findall("request_update")] == [
        each["update_id"] for each in whole
    ]
