from dataclasses import replace
from datetime import timedelta

import pytest

from services.tickets import custody
from services.tickets.custody import Blocked, Routed, Unlawful, Unlisted
from tests.unit.tickets.scene import (
    BECAUSE,
    DEADLINE,
    MOMENT,
    act,
    assign,
    decided,
    held,
    names,
    offered,
    opened,
    refused,
    request,
    resolved,
    route,
    stopped,
)
from tests.unit.tickets.town import DIRECTORY


def test_the_first_decision_sets_the_citizens_deadline_and_no_other_moves_it():
    case = route(opened(), "jalan").case
    assert (case.resolve_by, case.hop_budget) == (DEADLINE, 3)
    again = route(request(custody.accept(case, act("jalan")).case), "taman", resolve_by=DEADLINE + timedelta(days=9))
    assert again.case.resolve_by == DEADLINE
    stop = stopped(request(held()), resolve_by=DEADLINE + timedelta(days=9))
    assert custody.blocked(request(held()), stop, MOMENT).case.resolve_by == DEADLINE


def test_a_first_decision_that_came_too_late_still_sets_the_citizens_deadline():
    """A leader stepped in before routing had answered: the report moves no more, but its deadline counts."""
    case = opened()
    late = decided(case, "jalan")
    taken = assign(case, "asisten", "taman").case
    outcome = custody.routed(taken, late, DIRECTORY, MOMENT)
    assert outcome.superseded
    assert outcome.said == ()
    assert outcome.case == replace(taken, resolve_by=DEADLINE, hop_budget=3)


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_decision_on_another_version_has_no_effect(shift):
    case = request(held())
    for outcome in (
        route(case, "taman", ticket_version=case.version + shift),
        custody.blocked(case, stopped(case, ticket_version=case.version + shift), MOMENT),
    ):
        assert (outcome.superseded, outcome.case, outcome.said) == (True, case, ())


def test_a_decision_about_another_handoff_has_no_effect():
    case = request(held())
    assert route(case, "taman", handoff="another").superseded
    assert custody.blocked(case, stopped(case, handoff=None), MOMENT).superseded


def test_a_decision_delivered_twice_offers_once():
    case = opened()
    decision = decided(case, "jalan")
    once = custody.routed(case, decision, DIRECTORY, MOMENT).case
    twice = custody.routed(once, decision, DIRECTORY, MOMENT)
    assert (twice.superseded, twice.case) == (True, once)


@pytest.mark.parametrize("receiver", ["taman", "jalan", "hulu", "hilir", "loket", "wasit", "asisten"])
def test_routing_is_not_obeyed_when_it_breaks_a_rule(receiver):
    """Its holder, one that let go, one that refused, one named, and three that cannot hold anything."""
    case = held("jalan", "taman", named=("hilir",))
    case = refused(route(request(case), "hulu").case, "pengawas")
    with pytest.raises(Unlawful, match=case.code):
        route(case, receiver)
    assert names(route(case, "pengawas")) == ["handoff.offered"]


def test_an_office_that_no_directory_has_told_of_yet_can_be_offered_it_later():
    with pytest.raises(Unlisted, match="brand-new"):
        route(opened(), "brand-new")


def test_the_hop_budget_is_kept():
    case = request(held("jalan", "taman", "hulu", "hilir"))
    assert case.hops == 3
    with pytest.raises(Unlawful, match="hop budget of 3"):
        route(case, "utara")
    assert route(case, "utara", hop_budget=None).case.status == "offered", "None is no limit"
    assert route(case, "utara", hop_budget=4).case.hop_budget == 4, "the policy of the day counts"


def test_a_new_report_reaches_its_first_office_on_a_budget_of_0_unless_it_used_its_hops_elsewhere():
    assert route(opened(), "jalan", hop_budget=0).case.status == "offered"
    with pytest.raises(Unlawful, match="hop budget"):
        route(opened(hops=2), "jalan", hop_budget=2)


def test_what_has_to_go_to_a_coordinator_is_offered_to_nobody():
    twice = refused(route(refused(offered("jalan"), "taman"), "taman", decision="redirected").case, "hulu")
    nobody = refused(offered("jalan"), None)
    asked = request(held(), convene=True)
    lapsing = offered("jalan")
    assert lapsing.pending is not None
    lapsed = custody.lapse(lapsing, handoff=lapsing.pending.id, ticket_version=lapsing.version, moment=MOMENT).case
    objected = resolved()
    for _ in range(2):
        objected = custody.object_to(resolved(objected) if objected.status == "held" else objected, act(None)).case
    for case in (twice, nobody, asked, lapsed, objected):
        assert case.status == "requested"
        with pytest.raises(Unlawful, match="coordinator"):
            route(case, "utara")
        assert custody.blocked(case, stopped(case), MOMENT).case.status == "convened"


def test_convening_keeps_the_holder_and_says_because():
    case = request(held("jalan"))
    outcome = custody.blocked(case, stopped(case), MOMENT)
    after, (said,), (handoff,) = outcome.case, outcome.said, outcome.handoffs
    assert (after.holder, after.status, after.coordinator, after.pending) == ("jalan", "convened", "asisten", None)
    assert (said.name, said.data["because"], said.data["involved"]) == ("ticket.convened", list(BECAUSE), ["jalan"])
    assert (handoff.state, handoff.coordinator, handoff.because) == ("blocked", "asisten", BECAUSE)


def test_a_refused_handoff_stays_refused_when_it_convenes():
    case = refused(offered("jalan"), None)
    assert custody.blocked(case, stopped(case), MOMENT).handoffs[0].state == "refused"


def test_a_coordinator_the_report_is_about_is_not_convened():
    case = request(held(named=("asisten",)))
    with pytest.raises(Unlawful, match="named"):
        custody.blocked(case, stopped(case), MOMENT)


def test_decisions_are_read_from_their_events():
    case = opened()
    routed, blocked = decided(case, "jalan"), stopped(case)
    names = ("handoff", "ticket_version", "resolve_by", "hop_budget")
    common = {**{name: getattr(routed, name) for name in names}, "because": list(BECAUSE)}
    also = {"decision": "first", "receiver": "jalan", "accept_by": routed.accept_by, "refer": None}
    assert Routed.of({**common, **also}) == routed
    assert Blocked.of({**common, "coordinator": "asisten", "involved": ["loket"]}) == blocked
