"""An agency is given what the reporter consented to and nothing else, over HTTP."""

from tests.integration.tickets.served import problem, said
from tests.integration.tickets.town import REPORT


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
