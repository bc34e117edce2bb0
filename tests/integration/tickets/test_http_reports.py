"""Submitting and reading reports, over HTTP, with the service running on either database."""

import json
import re
import threading
import uuid

import pytest

from services.tickets import codes
from tests.integration.tickets.served import problem
from tests.integration.tickets.town import PERSONAL, REPORT


def test_a_report_is_accepted_with_a_code_and_a_secret(served):
    response = served.submit()
    assert response.status_code == 201
    given = response.json()
    assert re.fullmatch(r"CTH-[1-9A-Z]{4}-[1-9A-Z]{3}", given["code"])
    assert response.headers["location"] == given["links"]["self"] == f"/api/v1/tickets/{given['code']}"
    assert response.headers["etag"] == '"1"'
    assert given["emergency"] is None
    assert served.town.case(given["code"]).status == "requested"


def test_an_emergency_is_told_to_call_before_anything_else(served):
    response = served.submit(category="banjir")
    assert next(iter(response.json())) == "emergency"
    assert "112" in response.json()["emergency"]["id"]
    assert "112" in response.json()["emergency"]["en"]


@pytest.mark.parametrize(
    ("changes", "slug", "field"),
    [
        ({"category": "tidak-ada"}, "unknown-category", "category"),
        ({"category": "Not A Slug"}, "invalid", "category"),
        ({"text": "x" * 4001}, "invalid", "text"),
        ({"text": ""}, "invalid", "text"),
        ({"place": "antah"}, "invalid", "place"),
        ({"category": "warga"}, "invalid", "place"),
        ({"named": ["tidak-ada"]}, "invalid", "named"),
        ({"reporter": {"email": "nonsense"}}, "invalid", "reporter.email"),
        ({"reporter": {"mail": "a@b.id"}}, "invalid", "reporter.mail"),
        ({"catgory": "lubang"}, "invalid", "catgory"),
    ],
)
def test_what_is_wrong_with_a_report_is_named(served, changes, slug, field):
    before = served.town.names().count("ticket.opened")
    document = problem(served.submit(**changes), slug)
    assert field in {each["field"] for each in document["errors"]}
    assert served.town.names().count("ticket.opened") == before


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[1]", b'{"category": "lubang", "text": "\\u0000"}', b"[" * 50000])
def test_what_cannot_be_read_is_malformed(served, body):
    problem(served.http.post("/api/v1/reports", content=body), "malformed")


def test_five_megabytes_are_too_large(served):
    problem(served.http.post("/api/v1/reports", content=b"x" * 5_000_000), "too-large")


def test_a_repeated_request_gets_the_same_answer(served):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = served.submit(key)
    code = first.json()["code"]
    served.town.deliver(served.town.routed(code, "jalan"))
    again = served.submit(key)
    assert again.status_code == first.status_code == 201
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]


def test_a_key_used_for_another_request_is_refused(served):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    served.submit(key)
    problem(served.submit(key, text="Lain."), "key-reused")


def test_a_key_belongs_to_whoever_sent_it(served):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    anonymous, app = served.submit(key), served.submit(key | served.headers("app"))
    assert anonymous.json()["code"] != app.json()["code"]


def test_the_same_request_many_times_at_once_opens_one_report(served):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(served.submit(key))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {each.status_code for each in answers} == {201}
    assert len({each.text for each in answers}) == 1
    assert len(answers) == 8


def test_a_refused_report_does_not_use_up_its_key(served):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    problem(served.submit(key, category="tidak-ada"), "unknown-category")
    assert served.submit(key).status_code == 201


def test_the_public_sees_who_holds_it_and_why_but_not_what_was_written(served):
    report = served.report().held("jalan")
    response = report.get()
    assert response.headers["etag"] == '"3"'
    view = response.json()
    assert view["holder"] == {"code": "jalan", "name": "Jalan"}
    assert view["category_name"] == {"id": "Lubang", "en": "LUBANG"}
    assert [each["what"] for each in view["history"]] == ["ticket.opened", "handoff.offered", "handoff.accepted"]
    assert view["history"][1]["sentence"] == {"id": "Laporan baru.", "en": "A new report."}
    assert not {"text", "contact", "place", "notes", "handoffs"} & view.keys()
    assert not any(each in response.text for each in PERSONAL)


def test_the_reporter_sees_everything_of_theirs(served):
    report = served.report(place="n-1").held("jalan")
    view = report.get(secret=report.secret).json()
    assert view["text"] == REPORT["text"]
    assert view["place"] == {"code": "n-1", "name": "Hulu"}
    assert view["contact"]["email"] == "budi@contoh.id"
    assert [(each["office"], each["how"]) for each in view["holders"]] == [("loket", "opened"), ("jalan", "accepted")]
    assert view["handoffs"][0]["because"][0]["rule"] == "competence"
    loosely = report.secret.lower().replace("-", " ")
    assert report.get(secret=loosely).json()["text"] == REPORT["text"]


def test_a_telegram_chat_is_a_contact(served):
    report = served.report(reporter={"telegram": "-1001234567890"}).held("jalan")
    assert report.get(secret=report.secret).json()["contact"]["telegram"] == "-1001234567890"
    assert report.get(office="jalan").json()["contact"]["telegram"] == "-1001234567890"
    for token in ("taman", "auditor"):
        assert "1001234567890" not in report.get(office=token).text
    assert "1001234567890" not in report.get().text
    wrong = served.http.post("/api/v1/reports", json={**REPORT, "reporter": {"telegram": "@ani"}})
    assert [each["field"] for each in wrong.json()["errors"]] == ["reporter.telegram"]


def test_offices_see_what_they_are_entitled_to(served):
    report = served.report().offered("jalan")
    assert report.get(office="jalan").json()["text"] == REPORT["text"]
    assert "contact" not in report.get(office="jalan").json()
    report.post("accept", "jalan")
    assert report.get(office="jalan").json()["contact"]["name"] == "Budi Santoso"
    assert "text" not in report.get(office="taman").json()
    assert "contact" not in report.get(office="auditor").json()
    assert report.get(office="auditor").json()["text"]
    assert report.get(office="coordinator:asisten").json()["text"]


def test_a_confidential_report_does_not_show_that_it_exists(served):
    report = served.report(category="curang").held("jalan")
    missing = served.http.get(f"/api/v1/tickets/{codes.make('CTH', lambda of: of[0])}")
    for hidden in (
        report.get(),
        report.get("/chain"),
        report.get("/chain/verify"),
        report.get(secret="WRONG"),
        report.get(office="taman"),
    ):
        assert problem(hidden, "not-found") == missing.json()
    assert report.get(secret=report.secret).json()["text"] == REPORT["text"]
    assert "contact" not in report.get(office="jalan").json()


def test_codes_are_read_as_people_write_them(served):
    report = served.report()
    loosely = report.code.lower().replace("-", "")
    assert served.http.get(f"/api/v1/tickets/{loosely}").json()["code"] == report.code


def test_a_mistyped_code_is_told_apart_from_an_unknown_one(served):
    report = served.report()
    last = "A" if report.code[-1] != "A" else "B"
    problem(served.http.get(f"/api/v1/tickets/{report.code[:-1]}{last}"), "mistyped-code")
    problem(served.http.get("/api/v1/tickets/nonsense"), "mistyped-code")
    problem(served.http.get("/api/v1/tickets/%ff"), "mistyped-code")
    problem(served.http.get(f"/api/v1/tickets/{codes.make('CTH', lambda of: of[1])}"), "not-found")


def test_wrong_credentials_are_refused(served):
    report = served.report()
    problem(report.get(secret="AAAA-BBBB"), "wrong-token")
    for header in ("Bearer est_unknown", "Bearer x", "Basic abc", "nonsense", "Bearer \xff"):
        response = served.http.get(
            f"/api/v1/tickets/{report.code}", headers=[("Authorization", header.encode("latin-1"))]
        )
        problem(response, "wrong-token")


def test_the_chain_is_read_page_by_page_and_verified(served):
    report = served.report().held("jalan")
    whole = report.get("/chain", secret=report.secret).json()
    assert [each["position"] for each in whole["entries"]] == [1, 2, 3, 4, 5]
    assert whole["next"] is None
    assert whole["head"] == {"position": 5, "hash": whole["entries"][-1]["hash"]}
    paged, after = [], 0
    while after is not None:
        page = report.get(f"/chain?after={after}&limit=2", secret=report.secret).json()
        paged += page["entries"]
        after = page["next"]
    assert paged == whole["entries"]
    body = json.loads(whole["entries"][0]["body"])
    assert body["type"] == "id.estafet.ticket.opened.v1"
    assert report.get("/chain/verify").json() == {"ok": True, "entries": 5, "broken_at": None}


def test_the_public_reads_the_chain_without_what_it_says(served):
    report = served.report()
    entries = report.get("/chain").json()["entries"]
    assert len(entries) == 2
    assert not any("body" in each for each in entries)


def test_the_ladder_of_causes_is_whole(served):
    report = served.report().held("jalan")
    entries = report.get("/chain", secret=report.secret).json()["entries"]
    ids = {each["id"] for each in entries}
    first = entries[0]
    assert first["causationid"] is None
    assert {each["correlationid"] for each in entries if each["publisher"] == "tickets"} == {first["id"]}
    assert all(each["causationid"] in ids for each in entries[1:] if each["publisher"] == "tickets")


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=1001", "limt=5", "after=99999999999999999999"]
)
def test_a_wrong_query_is_named(served, query):
    report = served.report()
    assert problem(report.get(f"/chain?{query}"), "invalid")["errors"][0]["field"] == query.partition("=")[0]


def test_nothing_personal_is_logged(served):
    report = served.report().held("jalan")
    report.get(secret=report.secret)
    served.submit(text=REPORT["text"] * 200)
    log = served.log.read_text()
    assert not any(each in log for each in (*PERSONAL, report.secret, served.token("jalan")))
