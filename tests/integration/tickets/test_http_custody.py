"""What offices and reporters do with a report over HTTP: who may, on which version, and what comes of it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.tickets.access import tokens
from tests.integration.tickets.served import BECAUSE, chain_is_whole, problem, said

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def test_accepting_answers_with_the_new_version(served):
    report = served.report().offered("jalan")
    response = report.post("accept", "jalan")
    assert response.status_code == 200
    body = response.json()
    assert body == {
        "code": report.code,
        "version": 3,
        "status": "held",
        "holder": "jalan",
        "event": said(served, report, "handoff.accepted")[0]["id"],
    }
    assert response.headers["etag"] == '"3"'


def test_an_act_must_name_the_version_it_was_decided_on(served):
    report = served.report().offered("jalan")
    place = f"/api/v1/tickets/{report.code}/accept"
    problem(served.http.post(place, headers=served.headers("jalan")), "version-needed")
    problem(report.post("accept", "jalan", version=1), "stale")
    problem(report.post("accept", "jalan", version=9), "stale")
    assert served.town.case(report.code).status == "offered"


def test_an_act_needs_somebody_entitled(served):
    report = served.report().offered("jalan")
    problem(report.post("accept"), "no-token")
    problem(report.post("accept", "taman"), "not-offered-to-you")
    problem(report.post("accept", "auditor"), "not-offered-to-you")
    problem(report.post("resolve", "taman", reason="fixed"), "not-holder")
    problem(report.post("resolve", "app", reason="fixed"), "not-holder")
    problem(report.post("assign", "jalan", receiver="taman", reason="new-facts"), "not-coordinator")
    problem(report.post("assign", "asisten", receiver="taman", reason="new-facts"), "not-coordinator")
    problem(report.post("confirm", "jalan"), "not-entitled")
    problem(report.post("confirm"), "no-token")
    problem(report.post("notes", "taman", text="Halo."), "not-entitled")


def test_an_offer_accepted_twice_at_once_is_accepted_once(served):
    for _ in range(5):
        report = served.report().offered("jalan")
        version, gate, answers = report.version, threading.Barrier(4), []

        def accept(report=report, version=version, gate=gate, answers=answers):
            gate.wait()
            answers.append(report.post("accept", "jalan", version=version))

        served.token("jalan")
        threads = [threading.Thread(target=accept) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]
        assert len(said(served, report, "handoff.accepted")) == 1
        assert chain_is_whole(report)


def test_a_second_officer_who_comes_later_reads_why(served):
    report = served.report().offered("jalan")
    version = report.version
    assert report.post("accept", "jalan", version=version).status_code == 200
    problem(report.post("accept", "jalan", version=version), "stale")
    problem(report.post("accept", "jalan"), "not-offered-to-you")


def test_a_pause_has_a_reason_and_an_end(served):
    report = served.report().held("jalan", resolve_by=FAR)
    soon = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    problem(report.post("pause", "jalan", reason="weather"), "invalid")
    problem(report.post("pause", "jalan", reason="weather", until="tomorrow"), "invalid")
    problem(report.post("pause", "jalan", reason="weather", until="2020-01-01T00:00:00Z"), "invalid")
    problem(report.post("pause", "jalan", reason="weather", until="2200-01-01T00:00:00Z"), "invalid")
    version = report.version
    assert report.post("pause", "jalan", reason="weather", until=soon).json()["version"] == version
    assert report.get().json()["paused_until"] is not None


def test_the_reporter_confirms_or_objects(served):
    report = served.report().held("jalan")
    problem(report.post("confirm", secret=True), "not-resolved")
    assert report.post("resolve", "jalan", reason="fixed").json()["status"] == "resolved"
    problem(report.post("handoffs", "jalan", **BECAUSE), "resolved")
    objected = report.post("object", secret=True, words="Masih berlubang.").json()
    assert (objected["status"], objected["holder"]) == ("held", "jalan")
    assert objected["event"] == said(served, report, "ticket.reopened")[0]["id"]
    assert report.get(office="jalan").json()["notes"][0]["text"] == "Masih berlubang."
    assert "Masih" not in report.get("/chain", office="auditor").text
    report.post("resolve", "jalan", reason="fixed")
    assert report.post("confirm", secret=True).json()["status"] == "closed"
    problem(report.post("notes", "jalan", text="Terlambat."), "closed")
    problem(report.post("confirm", secret=True), "closed")
    assert chain_is_whole(report)


def test_notes_are_kept_apart_from_the_chain(served):
    report = served.report().held("jalan")
    version = report.version
    public = report.post("notes", "jalan", text="Besok diperiksa.")
    assert public.status_code == 201
    report.post("notes", "jalan", text="Cek dulu ke taman.", public=False)
    report.post("notes", secret=True, text="Terima kasih.")
    problem(report.post("notes", secret=True, text="Rahasia.", public=False), "not-entitled")
    problem(report.post("notes", "jalan", text="x" * 2001), "invalid")
    assert report.version == version
    seen = lambda **who: [each["text"] for each in report.get(**who).json()["notes"]]  # noqa: E731
    assert seen(office="jalan") == ["Besok diperiksa.", "Cek dulu ke taman.", "Terima kasih."]
    assert seen(secret=report.secret) == ["Besok diperiksa.", "Terima kasih."]
    chain = report.get("/chain", office="auditor").text
    assert "Besok" not in chain
    assert [each["what"] for each in report.get().json()["history"]].count("note.added") == 2


def test_a_token_that_was_revoked_or_expired_opens_nothing(served):
    report = served.report().offered("jalan")
    with served.town.works.database.begin() as connection:
        revoked, id = tokens.issue(connection, "officer", "jalan", "a test", datetime.now(UTC))
        assert tokens.revoke(connection, id, datetime.now(UTC))
        assert not tokens.revoke(connection, id, datetime.now(UTC))
        past = datetime.now(UTC) - timedelta(seconds=1)
        expired, _ = tokens.issue(connection, "officer", "jalan", "a test", past, expires=past)
        listed = tokens.list_tokens(connection)
    assert "hash" not in listed[0]
    for token in (revoked, expired):
        headers = {"Authorization": f"Bearer {token}", "If-Match": '"2"'}
        problem(served.http.post(f"/api/v1/tickets/{report.code}/accept", headers=headers), "wrong-token")
        problem(served.http.get("/api/v1/desk", headers=headers), "wrong-token")


def test_acts_on_reports_that_are_not_there(served):
    headers = served.headers("jalan") | {"If-Match": '"1"'}
    problem(served.http.post("/api/v1/tickets/nonsense/accept", headers=headers), "mistyped-code")
    hidden = served.report(category="curang").held("jalan")
    problem(hidden.post("accept", "taman"), "not-found")
    problem(hidden.post("accept"), "not-found")
    problem(served.http.get(f"/api/v1/tickets/{hidden.code}/accept"), "method-not-allowed")


@pytest.mark.parametrize("id", ["%00", "%ff", "x" * 5000, "%2F..%2F", "'--", "%F0%9F%98%80"])
def test_odd_identifiers_name_nothing(served, id):
    report = served.report(consent=["text"]).held("jalan")
    for path in (f"/handoffs/{id}", f"/referrals/{id}/package"):
        problem(report.get(path, office="jalan"), "not-found")
    problem(report.post(f"referrals/{id}/answer", "jalan", outcome="settled"), "not-found")
    problem(served.http.get(f"/api/v1/offices/{id}"), "not-found")
