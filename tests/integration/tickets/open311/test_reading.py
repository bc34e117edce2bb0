"""Requests: which are listed, what is shown of them and to whom, and what a handoff changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import event, select

from services.tickets.open311 import requests
from services.tickets.open311 import updates as steps
from services.tickets.reporters import erasing, finding
from services.tickets.tables import tickets
from tests.integration.tickets.open311.speaking import (
    FORM,
    REQUESTS,
    WRITTEN,
    faults,
    file,
    get,
    post,
    read,
    say,
    updates,
    valid,
)
from tests.integration.tickets.served import Report
from tests.integration.tickets.town import PERSONAL


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
    page = (Path(__file__).parents[4] / "docs" / "open311.md").read_text()
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


def test_a_closed_request_was_updated_when_it_was_closed(served, key):
    report = file(served, key).held("jalan")
    report.post("resolve", "jalan", reason="fixed")
    headers = {"Authorization": f"Bearer {key}", "If-Match": f'"{report.version}"'}
    served.http.post(f"/api/v1/tickets/{report.code}/confirm", json={}, headers=headers).raise_for_status()
    with served.town.works.database.read() as connection:
        closed_at = connection.execute(select(tickets.c.closed_at).where(tickets.c.code == report.code)).scalar_one()
    erase(served, report)
    closed = read(served, report, api_key=key)
    assert (closed["status"], closed["description"], closed["address"]) == ("closed", None, None)
    assert datetime.fromisoformat(closed["updated_datetime"]) == closed_at.replace(microsecond=0)
    assert "Laporan ditutup." in closed["status_notes"]


def erase(served, report):
    with served.town.works.begin() as work:
        erasing.erase(work, finding.find(work.connection, report.code))
