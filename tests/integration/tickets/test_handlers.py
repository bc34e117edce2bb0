"""What routing, notify and the clocks say of a report has its effect once, doubled and out of order too."""

import json
import random
from dataclasses import replace

import pytest
from sqlalchemy import select

from estafet.relay.errors import Hopeless
from services.tickets import custody
from services.tickets.custody import Act
from services.tickets.store import Cases
from services.tickets.tables import holdings
from tests.integration.tickets.chains import chained, verified
from tests.integration.tickets.town import NOW, REPORT


def accept(office):
    return lambda case, work: custody.accept(case, Act(by=office, now=work.now))


def resolve(office):
    return lambda case, work: custody.resolve(case, Act(by=office, now=work.now), reason="fixed")


def test_a_decision_offers_and_an_acceptance_moves(town):
    code = town.submit()
    decision = town.routed(code, "jalan")
    town.deliver(decision)
    offered = town.said("handoff.offered")[0]
    assert offered["causationid"] == json.loads(decision)["id"]
    assert offered["subjectversion"] == 2
    town.clock.pass_by(hours=1)
    town.act(code, accept("jalan"))
    accepted = town.said("handoff.accepted")[0]
    assert accepted["causationid"] == offered["id"]
    case = town.case(code)
    assert (case.holder, case.guardian, case.status, case.version) == ("jalan", "jalan", "held", 3)
    with town.works.database.read() as connection:
        rows = connection.execute(select(holdings).order_by(holdings.c.number)).all()
    assert [(row.office, row.how) for row in rows] == [("loket", "opened"), ("jalan", "accepted")]
    assert rows[0].until == rows[1].since == town.clock.now()
    assert rows[1].until is None
    assert [each.name for each in chained(town, code)] == [
        "ticket.opened",
        "report.accepted",
        "handoff.routed",
        "handoff.offered",
        "handoff.accepted",
    ]
    assert verified(town, code)


def test_a_decision_on_another_version_is_kept_and_has_no_effect(town):
    code = town.submit()
    late = town.routed(code, "taman")
    town.deliver(town.routed(code, "jalan"))
    before = town.case(code)
    town.deliver(late)
    assert town.case(code) == before
    last = chained(town, code)[-1]
    assert (last.name, last.superseded, last.publisher) == ("handoff.routed", True, "routing")
    assert verified(town, code)


def test_an_unlawful_decision_is_not_obeyed(town):
    code = town.submit(named=["jalan"])
    with pytest.raises(Hopeless, match="named"):
        town.deliver(town.routed(code, "jalan"))
    assert town.case(code).status == "requested"


def test_a_blocked_handoff_convenes(town):
    code = town.submit()
    town.deliver(town.blocked(code))
    assert town.case(code).coordinator == "asisten"
    assert town.said("ticket.convened")[0]["data"]["coordinator"] == "asisten"


def test_a_report_for_an_agency_is_referred_at_once_with_what_was_consented(town):
    code = town.submit(category="investasi", consent=["text", "place"])
    town.deliver(town.routed(code, "jalan", refer="wasit"))
    opened, packaged = town.said("referral.opened")[0], town.said("referral.packaged")[0]
    assert opened["data"]["fields_shared"] == ["text"]
    assert packaged["data"]["package"] == {"text": REPORT["text"]}
    assert packaged["causationid"] == opened["id"]
    kept = json.loads(chained(town, code)[-1].body)
    assert kept["id"] == packaged["id"]
    assert kept["data"] == {"referral": opened["id"], "agency": "wasit", "package": {}}
    assert town.case(code).referrals_open == 1
    assert town.case(code).holder == "loket"


def test_an_unanswered_offer_lapses_once(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    passed = town.deadline(code, "accept")
    town.deliver(passed)
    town.handle(passed)  # even if it came twice past the inbox
    assert town.names().count("handoff.lapsed") == 1
    assert town.case(code).seen == ("jalan",)
    assert [each.superseded for each in chained(town, code) if each.name == "deadline.passed"] == [False, True]


def test_an_offer_accepted_in_time_does_not_lapse(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    passed = town.deadline(code, "accept")
    town.act(code, accept("jalan"))
    town.deliver(passed)
    assert town.case(code).holder == "jalan"
    assert "handoff.lapsed" not in town.names()


def test_silence_closes_what_is_resolved(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    town.act(code, accept("jalan"))
    early = town.deadline(code, "silence")
    town.act(code, resolve("jalan"))
    town.deliver(early)
    assert town.case(code).status == "resolved"
    town.deliver(town.deadline(code, "silence"))
    assert town.case(code).status == "closed"
    assert town.said("ticket.closed")[0]["data"]["how"] == "silence"


def test_messages_about_no_report_are_hopeless(town):
    code = town.submit()
    for body in (town.routed(code, "jalan"), town.deadline(code, "accept"), town.notified(code)):
        foreign = body.replace(code.encode(), b"CTH-NOWH-ERE")
        with pytest.raises(Hopeless, match="no report"):
            town.deliver(foreign)


@pytest.mark.parametrize("seed", range(6))
def test_doubled_and_shuffled_messages_end_alike(town, seed):
    """All that routing and notify ever said about three reports, twice, in any order, in batches of any size."""
    shuffled = random.Random(seed)
    codes = [town.submit() for _ in range(3)]
    bodies = []
    for code in codes:
        bodies += [town.routed(code, "jalan"), town.notified(code), town.deadline(code, "resolve", "deadline.near")]
        bodies += [town.blocked(code, ticket_version=7), town.routed(code, "taman", ticket_version=9)]
    doubled = bodies * 2
    shuffled.shuffle(doubled)
    while doubled:
        size = shuffled.randint(1, 6)
        town.deliver(*doubled[:size])
        doubled = doubled[size:]
    assert town.names().count("handoff.offered") == 3
    for code in codes:
        case = town.case(code)
        assert (case.status, case.offered_to, case.version) == ("offered", "jalan", 2)
        assert verified(town, code)
        names = [each.name for each in chained(town, code)]
        assert sorted(names) == sorted(
            ["ticket.opened", "report.accepted", "handoff.offered", "notification.sent", "deadline.near"]
            + ["handoff.routed"] * 2
            + ["handoff.blocked"]
        )
        assert [each.position for each in chained(town, code)] == list(range(1, len(names) + 1))


def test_two_decisions_about_one_report_in_one_batch_see_each_other(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"), town.routed(code, "taman"))
    assert town.case(code).offered_to == "jalan"
    assert [each.superseded for each in chained(town, code) if each.name == "handoff.routed"] == [False, True]


def test_a_case_is_read_back_as_it_was_kept(town):
    code = town.submit(category="investasi", consent=["text"], named=["taman"], seen=["hulu"], place="n-1")
    town.deliver(town.routed(code, "jalan", refer="wasit"))
    town.act(code, accept("jalan"))
    case = town.case(code)
    assert case.resolve_by == NOW.replace(day=12)
    with town.works.begin() as work:
        assert Cases.of(work).get(code) == case
        paused = custody.pause(case, Act(by="jalan", now=work.now), reason="weather", until=NOW.replace(day=5))
        Cases.of(work).save(paused)
    assert town.case(code) == paused.case == replace(case, paused_until=NOW.replace(day=5))
