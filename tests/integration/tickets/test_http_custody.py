"""What offices and reporters do with a report, over HTTP, with the service running on either database."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.tickets.access import tokens
from tests.integration.tickets.served import problem
from tests.integration.tickets.town import REPORT

FAR = datetime(2100, 1, 1, tzinfo=UTC)
BECAUSE = {"reason": "not-our-task"}


def said(served, report, name):
    return [each for each in served.town.said(name) if each.get("subject") == report.code]


def chain_is_whole(report):
    return report.get("/chain/verify", office="auditor").json()["ok"]


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


def test_a_handoff_is_requested_watched_and_decided(served):
    report = served.report().held("jalan")
    response = report.post("handoffs", "jalan", receiver="taman", **BECAUSE)
    assert response.status_code == 202
    place = response.headers["location"]
    assert place == f"/api/v1/tickets/{report.code}/handoffs/{response.json()['event']}"
    watch = lambda: served.http.get(place, headers=served.headers("jalan")).json()  # noqa: E731
    assert (watch()["status"], watch()["receiver"]) == ("requested", "taman")
    problem(report.post("handoffs", "jalan", receiver="hulu", **BECAUSE), "already-requested")
    report.offered("taman", handoff=response.json()["event"])
    assert watch()["status"] == "offered"
    assert watch()["because"][0]["en"] == "It is their task."
    assert report.post("accept", "taman").json()["holder"] == "taman"
    assert watch()["status"] == "accepted"
    requested = said(served, report, "handoff.requested")[0]
    assert requested["causationid"] == said(served, report, "handoff.accepted")[0]["id"]
    problem(served.http.get(place), "no-token")
    problem(served.http.get(place, headers=served.headers("hulu")), "not-entitled")
    problem(served.http.get(place + "x", headers=served.headers("jalan")), "not-found")


@pytest.mark.parametrize(
    ("body", "slug", "field"),
    [
        ({"receiver": "tidak-ada", **BECAUSE}, "unknown-office", "receiver"),
        ({"receiver": "wasit", **BECAUSE}, "office-cannot-hold", "receiver"),
        ({"receiver": "asisten", **BECAUSE}, "office-cannot-hold", "receiver"),
        ({"receiver": "jalan", **BECAUSE}, "invalid", "receiver"),
        ({"receiver": "hilir", **BECAUSE}, "named-office", "receiver"),
        ({"receiver": "taman", "convene": True, **BECAUSE}, "invalid", "receiver"),
        ({"receiver": "taman"}, "invalid", "reason"),
        ({"receiver": "taman", "reason": "because"}, "invalid", "reason"),
        ({"receiver": "taman", "reason": "fixed"}, "invalid", "reason"),
        ({"receiver": 5, **BECAUSE}, "invalid", "receiver"),
        ({"reciever": "taman", **BECAUSE}, "invalid", "reciever"),
        ({"words": "x" * 1001, **BECAUSE}, "invalid", "words"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(served, body, slug, field):
    report = served.report(named=["hilir"]).held("jalan")
    errors = problem(report.post("handoffs", "jalan", **body), slug)["errors"]
    assert field in {each["field"] for each in errors}
    assert served.town.case(report.code).status == "held"


def test_a_request_can_be_withdrawn(served):
    report = served.report().held("jalan")
    problem(report.post("withdraw", "jalan"), "nothing-pending")
    report.post("handoffs", "jalan", **BECAUSE)
    assert report.post("withdraw", "jalan").json()["status"] == "held"


def test_a_refusal_names_the_right_office_or_asks_for_a_coordinator(served):
    report = served.report().offered("jalan")
    errors = problem(report.post("refuse", "jalan", reason="not-our-task"), "invalid")["errors"]
    assert errors[0]["field"] == "right_office"
    problem(report.post("refuse", "jalan", right_office="tidak-ada", **BECAUSE), "unknown-office")
    answer = report.post("refuse", "jalan", right_office="taman", words="Pohon, bukan jalan.", **BECAUSE).json()
    assert answer["status"] == "requested"
    refused = said(served, report, "handoff.refused")[0]
    assert refused["causationid"] == said(served, report, "handoff.offered")[0]["id"]
    history = report.get().json()["history"]
    assert history[-1]["office"] == "jalan"
    assert history[-1]["to"] == "taman"
    assert history[-1]["words"] == "Pohon, bukan jalan."
    report.offered("taman")
    report.post("refuse", "taman", right_office=None, **BECAUSE)
    assert served.town.case(report.code).refusals == 2


def test_a_coordinators_assignment_binds(served):
    report = served.report().held("jalan")
    report.post("convene", "jalan", reason="offices-disagree")
    report.convened()
    assert served.town.case(report.code).status == "convened"
    problem(report.post("assign", "coordinator:asisten", receiver="tidak-ada", reason="new-facts"), "unknown-office")
    answer = report.post("assign", "coordinator:asisten", receiver="taman", reason="competent-office").json()
    assert (answer["holder"], answer["status"]) == ("taman", "held")
    problem(report.post("handoffs", "taman", **BECAUSE), "bound")
    assigned = said(served, report, "ticket.assigned")[0]
    assert assigned["causationid"] == said(served, report, "ticket.convened")[0]["id"]
    assert assigned["data"]["proposal"] == {"category": "lubang", "place": None, "office": "taman"}
    back = report.post("convene", "taman", reason="new-facts", words="Bukan pohon.").json()
    assert (back["status"], back["holder"]) == ("convened", "taman")
    assert report.post("assign", "coordinator:bupati", receiver="jalan", reason="new-facts").json()["holder"] == "jalan"
    assert chain_is_whole(report)


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


def test_resolving_withdraws_what_is_under_way(served):
    report = served.report().held("jalan")
    report.post("handoffs", "jalan", receiver="taman", **BECAUSE)
    answer = report.post("resolve", "jalan", reason="fixed").json()
    assert answer["status"] == "resolved"
    assert answer["event"] == said(served, report, "ticket.resolved")[0]["id"]
    assert len(said(served, report, "handoff.withdrawn")) == 1


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


def test_a_referral_shares_only_what_was_consented(served):
    report = served.report().held("jalan")
    problem(report.post("referrals", "jalan", agency="wasit"), "no-consent")
    problem(report.post("consent", secret=True, fields=["everything"]), "invalid")
    assert report.post("consent", secret=True, fields=["text", "contact"]).status_code == 200
    problem(report.post("referrals", "jalan", agency="tidak-ada"), "unknown-office")
    problem(report.post("referrals", "jalan", agency="taman"), "invalid")
    opened = report.post("referrals", "jalan", agency="wasit")
    assert opened.status_code == 201
    id = opened.json()["event"]
    problem(report.post("referrals", "jalan", agency="wasit"), "referral-open")
    package = said(served, report, "referral.packaged")[0]["data"]["package"]
    assert package == {"text": REPORT["text"], "contact": "budi@contoh.id"}
    place = f"/referrals/{id}/package"
    assert report.get(place, office="jalan").json() == {"agency": "wasit", "fields": package}
    problem(report.get(place, office="taman"), "not-holder")
    problem(report.get("/referrals/x/package", office="jalan"), "not-found")
    problem(report.post("resolve", "jalan", reason="fixed"), "referral-open")
    problem(report.post(f"referrals/{id}/answer", "taman", outcome="settled"), "not-holder")
    problem(report.post("referrals/x/answer", "jalan", outcome="settled"), "not-found")
    report.post(f"referrals/{id}/answer", "jalan", outcome="received", receipt="OJK-1")
    report.post(f"referrals/{id}/answer", "jalan", outcome="settled")
    view = report.get(office="jalan").json()["referrals"][0]
    assert (view["receipt"], view["outcome"]) == ("OJK-1", "settled")
    assert report.post("resolve", "jalan", reason="agency-settled").json()["status"] == "resolved"


def test_consent_can_be_taken_back(served):
    report = served.report(consent=["text"]).held("jalan")
    id = report.post("referrals", "jalan", agency="wasit").json()["event"]
    report.post("consent", secret=True, fields=[])
    assert report.get(f"/referrals/{id}/package", office="jalan").json()["fields"] == {}


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
