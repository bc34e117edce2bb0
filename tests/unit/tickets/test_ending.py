from dataclasses import replace

import pytest

from services.tickets import custody
from services.tickets.custody import Refused
from tests.unit.tickets.scene import (
    MOMENT,
    act,
    bound,
    convened,
    held,
    names,
    offered,
    opened,
    request,
    resolved,
    route,
)
from tests.unit.tickets.town import DIRECTORY


def resolve(case, by, **options):
    return custody.resolve(case, act(by), **{"reason": "fixed", **options})


def test_resolved_is_not_closed():
    case = resolved()
    assert (case.status, case.resolved_by, case.holder) == ("resolved", "jalan", "jalan")


def test_the_citizen_confirms():
    case = resolved()
    outcome = custody.confirm(case, act(None))
    assert outcome.case.status == "closed"
    assert outcome.said[0].data["how"] == "confirmed"
    assert outcome.said[0].answers == case.resolved_message


def test_silence_closes_what_is_still_resolved_at_that_version():
    case = resolved()
    outcome = custody.silence(case, ticket_version=case.version, moment=MOMENT)
    assert (outcome.case.status, outcome.said[0].data["how"], outcome.said[0].answers) == ("closed", "silence", None)
    again = custody.silence(outcome.case, ticket_version=case.version, moment=MOMENT)
    assert (again.superseded, again.said) == (True, ())


def test_silence_after_an_objection_and_a_second_resolution_counts_anew():
    first = resolved()
    second = resolved(custody.object_to(first, act(None)).case)
    assert custody.silence(second, ticket_version=first.version, moment=MOMENT).superseded
    assert custody.silence(held(), ticket_version=held().version, moment=MOMENT).superseded


def test_an_objection_reopens_it_with_the_office_that_resolved_it():
    before = resolved()
    outcome = custody.object_to(before, act(None))
    assert (outcome.case.status, outcome.case.holder, outcome.case.objections) == ("held", "jalan", 1)
    assert outcome.said[0].answers == before.resolved_message
    again = resolve(outcome.case, "jalan")
    assert again.said[0].answers == outcome.said[0].id, "the second resolution answers the objection"


def test_the_second_objection_waits_for_a_coordinator_and_no_resolution_comes_between():
    case = resolved()
    for _ in range(2):
        case = custody.object_to(case if case.status == "resolved" else resolved(case), act(None)).case
    assert (case.status, case.objections) == ("requested", 2)
    with pytest.raises(Refused) as caught:
        resolve(case, "jalan")
    assert caught.value.slug == "already-requested"


def test_only_the_reporter_answers_a_resolution():
    for answer in (custody.confirm, custody.object_to):
        with pytest.raises(Refused) as caught:
            answer(resolved(), act("jalan"))
        assert caught.value.slug == "not-entitled"
        with pytest.raises(Refused) as caught:
            answer(held(), act(None))
        assert caught.value.slug == "not-resolved"
        with pytest.raises(Refused) as caught:
            answer(resolved(), act(None, version=1))
        assert caught.value.slug == "stale"
        with pytest.raises(Refused) as caught:
            answer(custody.confirm(resolved(), act(None)).case, act(None))
        assert caught.value.slug == "closed"


def test_a_resolution_withdraws_the_handoff_under_way():
    for case in (request(held("jalan"), "taman"), route(request(held("jalan"), "taman"), "taman").case):
        outcome = resolve(case, "jalan")
        assert names(outcome) == ["handoff.withdrawn", "ticket.resolved"]
        assert [said.version for said in outcome.said] == [case.version + 1, case.version + 2]
        assert outcome.case.version == case.version + 2
        assert outcome.handoffs[0].state == "withdrawn"
        assert outcome.said[0].data["ticket"]["status"] == "held"


def test_the_front_desk_can_resolve_what_it_can_answer_itself():
    assert names(resolve(opened(), "loket")) == ["ticket.resolved"]
    assert names(resolve(offered("jalan"), "loket")) == ["handoff.withdrawn", "ticket.resolved"]


@pytest.mark.parametrize(
    ("case", "by", "options", "slug"),
    [
        (held(), "taman", {}, "not-holder"),
        (held(), None, {}, "not-holder"),
        (offered("jalan"), "jalan", {}, "not-holder"),
        (convened(), "jalan", {}, "already-requested"),
        (resolved(), "jalan", {}, "resolved"),
        (bound("taman"), "taman", {"reason": "not-our-task"}, "invalid"),
    ],
)
def test_who_cannot_resolve_is_told_why(case, by, options, slug):
    with pytest.raises(Refused) as caught:
        resolve(case, by, **options)
    assert caught.value.slug == slug


def test_an_open_referral_keeps_it_from_being_resolved_and_from_closing():
    case = held(consent=("text",))
    referred = custody.refer(case, act("jalan"), DIRECTORY, agency="wasit").case
    with pytest.raises(Refused) as caught:
        resolve(referred, "jalan")
    assert caught.value.slug == "referral-open"
    assert "wasit" in caught.value.sentence

    waiting = replace(resolved(), referrals=referred.referrals)
    with pytest.raises(Refused) as caught:
        custody.confirm(waiting, act(None))
    assert caught.value.slug == "referral-open"
    assert custody.silence(waiting, ticket_version=waiting.version, moment=MOMENT).superseded
