"""A report goes from office to office over HTTP: requested, withdrawn, refused, assigned."""

import pytest

from tests.integration.tickets.served import BECAUSE, chain_is_whole, problem, said


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


def test_resolving_withdraws_what_is_under_way(served):
    report = served.report().held("jalan")
    report.post("handoffs", "jalan", receiver="taman", **BECAUSE)
    answer = report.post("resolve", "jalan", reason="fixed").json()
    assert answer["status"] == "resolved"
    assert answer["event"] == said(served, report, "ticket.resolved")[0]["id"]
    assert len(said(served, report, "handoff.withdrawn")) == 1
