"""mySociety's updates: what the citizen's app reads back, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from services.tickets.tables import texts
from tests.integration.tickets.open311.speaking import (
    faults,
    file,
    get,
    said,
    say,
    updates,
)
from tests.integration.tickets.served import Report


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


@pytest.mark.parametrize(("status", "became"), [("FIXED", "resolved"), ("REOPEN", "held"), ("CLOSED", "resolved")])
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
