"""A report that an app sends is opened once or answered with what is wrong, and nothing personal in it leaves."""

import json

import pytest
from sqlalchemy import select

from estafet.relay.errors import Hopeless
from services.tickets.tables import reporters, texts
from tests.integration.tickets.chains import chained
from tests.integration.tickets.town import PERSONAL, REPORT, message


def test_a_report_is_opened_accepted_and_given_to_notify(town):
    body = message("report.submitted", REPORT, source="/app")
    town.deliver(body)
    submitted = json.loads(body)
    opened, accepted = town.said("ticket.opened")[0], town.said("report.accepted")[0]
    given = town.said("reporter.given")[0]
    assert opened["causationid"] == accepted["causationid"] == submitted["id"]
    assert {each["correlationid"] for each in town.said()} == {submitted["id"]}
    assert accepted["data"]["submission"] == {"source": "/app", "id": submitted["id"]}
    assert accepted["data"]["reference"] == "app-17"
    assert opened["data"]["ticket"]["holder"] == "loket"
    assert opened["data"]["ticket"]["status"] == "requested"
    assert opened["data"]["ticket"]["reachable"] is True
    assert given["data"]["email"] == "budi@contoh.id"
    assert len(given["data"]["secret"]) == 29


def test_nothing_personal_leaves_but_on_the_private_exchange(town):
    code = town.submit(consent=["text", "name"], category="investasi")
    town.deliver(town.routed(code, "jalan", refer="wasit"))
    for event in town.said():
        if event["type"] in ("id.estafet.reporter.given.v1", "id.estafet.referral.packaged.v1"):
            continue
        assert not any(each in json.dumps(event) for each in PERSONAL)
    for entry in chained(town, code):
        assert entry.name != "reporter.given"
        assert not any(each in entry.body for each in PERSONAL)


def test_the_same_report_twice_opens_once(town):
    body = message("report.submitted", REPORT, source="/app")
    town.deliver(body, body)
    town.deliver(body)
    assert town.names().count("ticket.opened") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "tidak-ada"}, "category"),
        ({"category": None}, "category"),
        ({"category": "warga"}, "place"),
        ({"place": "antah-berantah"}, "place"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": 5}, "text"),
        ({"named": ["tidak-ada"]}, "named"),
        ({"reporter": {"email": "nonsense"}}, "reporter.email"),
        ({"consent": ["everything"]}, "consent.0"),
        ({"reference": "x" * 300}, "reference"),
        ({"hops": 10**15}, "hops"),
    ],
)
def test_what_is_wrong_with_a_report_is_answered(town, changes, field):
    body = message("report.submitted", REPORT | changes, source="/app", id="wrong-1")
    town.deliver(body)
    assert town.names() == ["report.rejected"]
    rejected = town.said("report.rejected")[0]
    assert rejected["causationid"] == "wrong-1"
    assert rejected["data"]["submission"] == {"source": "/app", "id": "wrong-1"}
    assert field in {each["field"] for each in rejected["data"]["errors"]}


def test_a_report_with_nothing_in_it_is_rejected_field_by_field(town):
    town.deliver(message("report.submitted", {}, source="/app"))
    fields = {each["field"] for each in town.said("report.rejected")[0]["data"]["errors"]}
    assert fields == {"category", "text"}


def test_our_own_echo_is_rejected(town):
    town.deliver(message("report.submitted", REPORT, source="/estafet/tickets"))
    assert town.said("report.rejected")[0]["data"]["errors"][0]["field"] == "source"


def test_offices_seen_elsewhere_travel_on(town):
    code = town.submit(seen=["jalan"], hops=2)
    assert town.case(code).seen == ("jalan",)
    with pytest.raises(Hopeless, match="no way back"):
        town.deliver(town.routed(code, "jalan"))


def test_an_anonymous_report_gives_notify_nobody(town):
    town.submit(reporter=None)
    town.submit(reporter={"name": "Budi"})
    assert "reporter.given" not in town.names()
    assert [each["data"]["ticket"]["reachable"] for each in town.said("ticket.opened")] == [False, False]
    with town.works.database.read() as connection:
        assert connection.execute(select(reporters.c.name)).scalars().all() == ["Budi"]
        assert len(connection.execute(select(texts)).all()) == 2
