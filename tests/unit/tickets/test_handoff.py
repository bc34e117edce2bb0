from dataclasses import replace

import pytest

from services.tickets import custody
from services.tickets.custody import Refused
from tests.unit.tickets.scene import (
    LATER,
    MOMENT,
    act,
    bound,
    convened,
    held,
    names,
    offered,
    opened,
    refused,
    request,
    resolved,
    route,
)
from tests.unit.tickets.town import DIRECTORY


def slug_of(call):
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.slug


def test_an_offer_leaves_the_sender_the_holder():
    case = offered("jalan")
    assert (case.status, case.holder, case.offered_to, case.guardian) == ("offered", "loket", "jalan", None)


def test_acceptance_makes_the_receiver_the_holder_and_the_first_one_guardian():
    outcome = custody.accept(offered("jalan"), act("jalan"))
    case, holding = outcome.case, outcome.holding
    assert (case.holder, case.guardian, case.status, case.hops) == ("jalan", "jalan", "held", 0)
    assert (case.former, case.seen) == ((), ()), "the front desk leaves no trace on the route"
    assert holding is not None
    assert (holding.office, holding.how, holding.since) == ("jalan", "accepted", LATER)


def test_handing_on_costs_a_hop_and_leaves_the_guardian_and_the_reader():
    case = held("jalan", "taman")
    assert (case.holder, case.guardian, case.hops) == ("taman", "jalan", 1)
    assert (case.former, case.seen) == (("jalan",), ("jalan",))


def test_only_who_was_asked_can_answer():
    case = offered("jalan")
    for other in ("loket", "taman", "asisten", None):
        assert slug_of(lambda other=other: custody.accept(case, act(other))) == "not-offered-to-you"
        assert slug_of(lambda other=other: refuse_by(case, other)) == "not-offered-to-you"


def refuse_by(case, by, **options):
    return custody.refuse(case, act(by), DIRECTORY, **{"reason": "not-our-task", **options})


def test_the_second_of_two_officers_who_accept_at_once_is_told_that_the_version_is_gone():
    case = offered("jalan")
    first = custody.accept(case, act("jalan", version=case.version)).case
    assert slug_of(lambda: custody.accept(first, act("jalan", version=case.version))) == "stale"
    assert slug_of(lambda: custody.accept(first, act("jalan"))) == "not-offered-to-you"


def test_a_refusal_keeps_the_holder_and_the_reason_and_names_the_right_office():
    outcome = refuse_by(offered("jalan"), "jalan", words="Jalan provinsi.", right_office="taman")
    case, (said,), (handoff,) = outcome.case, outcome.said, outcome.handoffs
    assert (case.status, case.holder, case.refusals, case.seen) == ("requested", "loket", 1, ("jalan",))
    assert (said.data["office"], said.data["right_office"], said.data["words"]) == ("jalan", "taman", "Jalan provinsi.")
    assert (handoff.state, handoff.refusal, handoff.right_office) == ("refused", "not-our-task", "taman")


def test_the_office_a_refusal_names_is_offered_it_in_a_handoff_of_its_own_with_the_refusers_reason():
    before = refused(offered("jalan"), "taman", "other-place")
    case = route(before, "taman", decision="redirected").case
    assert case.pending is not None
    assert before.pending is not None
    assert case.pending.id != before.pending.id
    assert (case.pending.reason, case.pending.words) == ("other-place", "Di seberang kali.")
    taken = custody.accept(case, act("taman")).case
    assert (taken.refusals, taken.hops, taken.guardian) == (0, 0, "taman")


@pytest.mark.parametrize(
    ("right", "slug"),
    [
        ("nowhere", "unknown-office"),
        ("wasit", "office-cannot-hold"),
        ("loket", "office-cannot-hold"),
        ("asisten", "office-cannot-hold"),
        ("hilir", "named-office"),
        ("jalan", "invalid"),
    ],
)
def test_a_refusal_that_names_no_possible_office_is_told_so(right, slug):
    case = offered("jalan", named=("hilir",))
    with pytest.raises(Refused) as caught:
        refuse_by(case, "jalan", right_office=right)
    assert (caught.value.slug, caught.value.field) == (slug, "right_office")


def test_a_request_waits_for_routing_and_keeps_the_holder():
    case = request(held("jalan"), "taman")
    assert (case.status, case.holder, case.offered_to) == ("requested", "jalan", None)
    offer = route(case, "taman").case
    assert case.pending is not None
    assert offer.pending is not None
    assert offer.pending.id == case.pending.id, "it is the same handoff, one step further"


@pytest.mark.parametrize(
    ("options", "slug", "field"),
    [
        ({"receiver": "nowhere"}, "unknown-office", "receiver"),
        ({"receiver": "jalan"}, "invalid", "receiver"),
        ({"receiver": "wasit"}, "office-cannot-hold", "receiver"),
        ({"receiver": "hilir"}, "named-office", "receiver"),
        ({"receiver": "taman", "convene": True}, "invalid", "receiver"),
        ({"reason": "fixed"}, "invalid", "reason"),
        ({"reason": "no-such-reason"}, "invalid", "reason"),
    ],
)
def test_a_request_that_cannot_be_is_told_which_field_is_at_fault(options, slug, field):
    case = held("jalan", named=("hilir",))
    with pytest.raises(Refused) as caught:
        custody.request(case, act("jalan"), DIRECTORY, **{"reason": "not-our-task", **options})
    assert (caught.value.slug, caught.value.field) == (slug, field)


@pytest.mark.parametrize(
    ("case", "by", "slug"),
    [
        (held("jalan"), "taman", "not-holder"),
        (held("jalan"), None, "not-holder"),
        (request(held("jalan")), "jalan", "already-requested"),
        (route(request(held("jalan")), "taman").case, "jalan", "already-requested"),
        (convened(), "jalan", "already-requested"),
        (bound("taman"), "taman", "bound"),
        (resolved(), "jalan", "resolved"),
        (opened(), "loket", "already-requested"),
    ],
)
def test_who_cannot_ask_for_a_handoff_is_told_why(case, by, slug):
    assert slug_of(lambda: custody.request(case, act(by), DIRECTORY, reason="not-our-task")) == slug


def test_the_holder_can_take_back_what_it_asked_for_before_and_after_the_decision():
    for case in (request(held("jalan"), "taman"), route(request(held("jalan"), "taman"), "taman").case):
        outcome = custody.withdraw(case, act("jalan"))
        assert (outcome.case.status, outcome.case.holder, outcome.case.pending) == ("held", "jalan", None)
        assert outcome.handoffs[0].state == "withdrawn"
        assert outcome.said[0].data["receiver"] == case.offered_to


def test_the_front_desk_cannot_keep_a_report():
    assert slug_of(lambda: custody.withdraw(offered(), act("loket"))) == "not-entitled"
    assert slug_of(lambda: custody.withdraw(opened(), act("loket"))) == "nothing-pending"
    assert slug_of(lambda: custody.withdraw(refused(offered()), act("loket"))) == "nothing-pending"


def test_an_offer_that_lapses_goes_back_to_routing_and_its_receiver_is_not_asked_again():
    case = offered("jalan")
    assert case.pending is not None
    outcome = custody.lapse(case, handoff=case.pending.id, ticket_version=case.version, moment=MOMENT)
    assert (outcome.case.status, outcome.case.holder, outcome.case.seen) == ("requested", "loket", ("jalan",))
    assert outcome.case.refusals == 0, "silence is not a refusal"
    assert names(outcome) == ["handoff.lapsed"]


@pytest.mark.parametrize("change", ["accepted", "version", "handoff"])
def test_a_deadline_that_rings_for_something_else_has_no_effect(change):
    case = offered("jalan")
    assert case.pending is not None
    rung = {"handoff": case.pending.id, "ticket_version": case.version}
    if change == "accepted":
        case = custody.accept(case, act("jalan")).case
    else:
        rung = {"version": {**rung, "ticket_version": 1}, "handoff": {**rung, "handoff": "another"}}[change]
    outcome = custody.lapse(case, **rung, moment=MOMENT)
    assert (outcome.superseded, outcome.case, outcome.said) == (True, case, ())


def test_each_act_answers_the_message_it_is_about():
    first = offered("jalan")
    assert first.pending is not None
    accepted = custody.accept(first, act("jalan"))
    assert accepted.said[0].answers == first.pending.offered
    asked = custody.request(accepted.case, act("jalan"), DIRECTORY, reason="not-our-task")
    assert asked.said[0].answers == accepted.said[0].id
    assert custody.withdraw(asked.case, act("jalan")).said[0].answers == asked.said[0].id
    second = route(asked.case, "taman")
    assert refuse_by(second.case, "taman").said[0].answers == second.said[0].id
    assert custody.withdraw(second.case, act("jalan")).said[0].answers == second.said[0].id
    assert second.said[0].answers is None, "the relay names the decision as its cause"


def test_a_closed_report_is_left_alone():
    case = replace(held(), status="closed")
    assert slug_of(lambda: custody.request(case, act("jalan"), DIRECTORY, reason="not-our-task")) == "closed"
