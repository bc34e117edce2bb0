from dataclasses import replace

import pytest

from services.tickets import custody
from services.tickets.custody import Refused, may_assign
from tests.unit.tickets.scene import (
    MOMENT,
    act,
    assign,
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
    stopped,
)
from tests.unit.tickets.town import DIRECTORY, OFFICES


def test_an_assignment_takes_hold_at_once_binds_and_costs_no_hop():
    before = convened()
    outcome = assign(before, "asisten", "taman")
    case, (said,), holding = outcome.case, outcome.said, outcome.holding
    assert (case.holder, case.status, case.bound_by, case.coordinator) == ("taman", "held", "asisten", None)
    assert (case.hops, case.guardian, case.former) == (0, "jalan", ("jalan",))
    assert said.data["proposal"] == {"category": "lubang", "place": None, "office": "taman"}
    assert said.answers == before.convened_message
    assert holding is not None
    assert (holding.office, holding.how) == ("taman", "assigned")


def test_a_coordinator_may_send_it_back_to_who_let_go_or_leave_it_where_it_is():
    case = convened("sekretaris", held("jalan", "taman"))
    assert assign(case, "sekretaris", "jalan").case.holder == "jalan"
    kept = assign(case, "sekretaris", "taman").case
    assert (kept.holder, kept.bound_by, kept.former) == ("taman", "sekretaris", ("jalan",))


def test_who_may_assign():
    """The convened coordinator or one above; who bound it or above; else whoever stands above the holder."""
    cases = {
        convened("asisten"): {"asisten", "sekretaris", "bupati"},
        convened("bupati"): {"bupati"},
        bound("taman"): {"asisten", "sekretaris", "bupati"},
        assign(convened("bupati"), "bupati", "hulu").case: {"bupati"},
        held("hulu"): {"utara", "asisten", "sekretaris", "bupati"},
        request(held("jalan")): {"sekretaris", "bupati"},
        opened(): {"asisten", "sekretaris", "bupati"},
    }
    for case, allowed in cases.items():
        for office in OFFICES:
            assert may_assign(case, office, DIRECTORY) == (office in allowed), (case.holder, case.status, office)
            if office not in allowed:
                with pytest.raises(Refused) as caught:
                    assign(case, office, "hilir")
                assert caught.value.slug == "not-coordinator"
    with pytest.raises(Refused):
        custody.assign(held(), act(None), DIRECTORY, receiver="hulu", reason="competent-office")


def test_a_leader_who_steps_in_overtakes_the_offer_under_way():
    case = route(request(held("jalan"), "taman"), "taman").case
    outcome = assign(case, "sekretaris", "hulu")
    assert [each.state for each in outcome.handoffs] == ["superseded", "assigned"]
    assert (outcome.case.holder, outcome.case.offered_to) == ("hulu", None)
    assert outcome.said[0].answers == case.custody_message


def test_a_refused_handoff_stays_refused_when_a_leader_steps_in():
    outcome = assign(refused(offered("jalan")), "asisten", "hulu")
    assert [each.state for each in outcome.handoffs] == ["refused", "assigned"]
    assert outcome.case.refusals == 0


def test_an_office_named_in_the_report_is_neither_coordinator_nor_receiver():
    case = convened("asisten", held("jalan", named=("sekretaris", "hilir")))
    for by, receiver in (("sekretaris", "hulu"), ("asisten", "hilir")):
        with pytest.raises(Refused) as caught:
            assign(case, by, receiver)
        assert caught.value.slug == "named-office"


@pytest.mark.parametrize(
    ("receiver", "slug"),
    [("nowhere", "unknown-office"), ("loket", "office-cannot-hold"), ("wasit", "office-cannot-hold")],
)
def test_an_assignment_needs_an_office_that_can_hold(receiver, slug):
    with pytest.raises(Refused) as caught:
        assign(convened(), "asisten", receiver)
    assert (caught.value.slug, caught.value.field) == (slug, "receiver")


def test_a_resolved_report_is_the_reporters():
    with pytest.raises(Refused) as caught:
        assign(resolved(held("hulu")), "utara", "hilir")
    assert caught.value.slug == "resolved"


def test_an_assignment_needs_its_reason_and_its_version():
    case = convened()
    with pytest.raises(Refused) as caught:
        custody.assign(case, act("asisten"), DIRECTORY, receiver="hulu", reason="weather")
    assert (caught.value.slug, caught.value.field) == ("invalid", "reason")
    with pytest.raises(Refused) as caught:
        assign(case, "asisten", "hulu", version=case.version - 1)
    assert caught.value.slug == "stale"


def test_who_is_bound_returns_it_to_that_coordinator_without_routing():
    before = bound("taman")
    outcome = custody.give_back(before, act("taman"), DIRECTORY, reason="new-facts", words="Milik provinsi.")
    case, (said,) = outcome.case, outcome.said
    assert (case.status, case.holder, case.coordinator, case.bound_by) == ("convened", "taman", "asisten", None)
    assert (said.name, said.answers, said.data["coordinator"]) == ("ticket.convened", before.custody_message, "asisten")
    (because,) = said.data["because"]
    assert because["id"] == "Taman mengembalikannya: Ada fakta baru. Milik provinsi."
    assert because["en"] == "Taman returned it: There are new facts. Milik provinsi."


def test_who_is_bound_can_do_nothing_else_with_it():
    case = bound("taman")
    for options in ({}, {"receiver": "hulu"}, {"convene": True}):
        with pytest.raises(Refused) as caught:
            request(case, **options)
        assert caught.value.slug == "bound"
    assert custody.resolve(case, act("taman"), reason="fixed").case.status == "resolved"


def test_who_is_not_bound_asks_routing_instead():
    for case, by, slug in (
        (held(), "jalan", "not-bound"),
        (bound("taman"), "jalan", "not-holder"),
        (replace(bound("taman"), status="convened", coordinator="asisten"), "taman", "already-requested"),
    ):
        with pytest.raises(Refused) as caught:
            custody.give_back(case, act(by), DIRECTORY, reason="new-facts")
        assert caught.value.slug == slug


def test_asking_for_a_coordinator_asks_the_one_who_bound_it_else_routing():
    returned = custody.ask_for_coordinator(bound("taman"), act("taman"), DIRECTORY, reason="new-facts")
    assert (returned.case.status, returned.case.coordinator) == ("convened", "asisten")
    asked = custody.ask_for_coordinator(held("jalan"), act("jalan"), DIRECTORY, reason="new-facts")
    assert (asked.case.status, asked.said[0].name) == ("requested", "handoff.requested")
    assert asked.said[0].data["convene"]


def test_a_second_objection_frees_who_was_bound_only_for_the_coordinator():
    case = bound("taman")
    for _ in range(2):
        case = custody.object_to(resolved(case), act(None)).case
    outcome = custody.blocked(case, stopped(case, "sekretaris"), MOMENT)
    assert names(outcome) == ["ticket.convened"]
    assert (outcome.case.holder, outcome.case.coordinator, outcome.case.bound_by) == ("taman", "sekretaris", None)
