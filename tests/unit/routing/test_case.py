"""A case is the same however its events arrive."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from estafet.events import CONTRACTS, Event
from services.routing import caseform
from services.routing.case import _BESIDE_CUSTODY, Case, after
from services.routing.clocks import Clock, clocks
from tests.cities import KEDIRI, directory
from tests.unit.routing.life import FAR, LIFE, at
from tests.unit.routing.reports import NOON, opened
from tests.unit.tickets.witness import QUIET


def told_in(events: list[Event]) -> Case:
    case = after(None, events[0])
    for event in events[1:]:
        case = after(case, event)
    return case


def running(case: Case) -> dict[str, Clock]:
    return {clock.name: clock for clock in clocks(case, directory(KEDIRI))}


def test_it_is_known_of_each_event_whether_it_leaves_the_version_as_it_was() -> None:
    heard = {each.name for each in CONTRACTS if {"routing.watch", "routing.route"} & set(each.listeners)}
    assert heard & QUIET == _BESIDE_CUSTODY, "_BESIDE_CUSTODY in services/routing/case.py"


@given(st.integers(1, len(LIFE)), st.data())
def test_doubled_and_shuffled_events_make_the_same_case(length: int, data: st.DataObject) -> None:
    life = LIFE[:length]
    doubled = life + data.draw(st.lists(st.sampled_from(life), max_size=4))
    shuffled = data.draw(st.permutations(doubled))
    case, other = told_in(life), told_in(shuffled)
    assert caseform.dump(other) == caseform.dump(case)
    assert sorted(clocks(other, directory(KEDIRI)), key=str) == sorted(clocks(case, directory(KEDIRI)), key=str)


@given(st.integers(1, len(LIFE)))
def test_a_case_is_kept_and_read_again(length: int) -> None:
    case = told_in(LIFE[:length])
    assert caseform.load(caseform.dump(case)) == case


@given(st.integers(1, len(LIFE)))
def test_a_case_that_a_later_release_kept_is_read(length: int) -> None:
    case = told_in(LIFE[:length])
    kept = _with_news(orjson.loads(caseform.dump(case)))
    assert kept != orjson.loads(caseform.dump(case))
    assert caseform.load(orjson.dumps(kept).decode()) == case


def _with_news(value: Any) -> Any:
    """Fields of tomorrow in every record; not among the referrals, which go by their codes."""
    if isinstance(value, list):
        return [_with_news(each) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _with_news(each) for name, each in value.items() if name != "referrals"}
    if "referrals" in value:
        inner["referrals"] = {code: _with_news(each) for code, each in value["referrals"].items()}
    return {**inner, "news": 1}


def test_the_front_desk_has_its_own_limit() -> None:
    case = after(None, LIFE[0], promised=FAR)
    deadlines = directory(KEDIRI).deadlines
    now = running(case)
    assert set(now) == {"resolve", "hold", "loop"}
    assert now["hold"].due == deadlines.hold_until(NOON, deadlines.policy.forward, FAR)
    assert (now["hold"].office, now["hold"].coordinator) == ("loket", "asisten-pemkesra")
    assert (now["resolve"].due, now["resolve"].office, now["resolve"].version) == (FAR, None, 1)


def test_an_offer_has_a_clock_until_it_is_answered() -> None:
    offer = running(told_in(LIFE[:2]))["accept"]
    assert (offer.due, offer.office, offer.handoff, offer.version) == (at(30), "dpupr", "h-0", 2)
    assert offer.coordinator == "asisten-ekbang"
    assert "accept" not in running(told_in(LIFE[:3]))


def test_no_handoff_moves_the_citizens_clock() -> None:
    set_once = {running(told_in(LIFE[:length]))["resolve"].mark for length in range(2, 10)}
    assert len(set_once) == 1


def test_a_pause_moves_the_holders_clock_alone() -> None:
    before, paused = running(told_in(LIFE[:3])), running(told_in(LIFE[:4]))
    assert paused["hold"].due > before["hold"].due
    assert paused["resolve"] == before["resolve"]
    assert paused["hold"].due <= FAR


def test_asking_for_another_office_does_not_stop_the_holders_clock() -> None:
    assert running(told_in(LIFE[:7]))["hold"] == running(told_in(LIFE[:4]))["hold"]


def test_a_receipt_does_not_end_a_referral_and_an_answer_does() -> None:
    assert "referral" in running(told_in(LIFE[:5]))
    assert running(told_in(LIFE[:6]))["referral"].referral == "r-1"
    assert "referral" not in running(told_in(LIFE[:9]))


def test_a_resolved_report_waits_for_the_citizen_and_a_closed_one_for_nobody() -> None:
    resolved = running(told_in(LIFE[:10]))
    assert set(resolved) == {"silence", "loop"}
    assert resolved["silence"].version == 6
    assert {"resolve", "hold", "loop"} == set(running(told_in(LIFE[:11])))
    assert running(told_in(LIFE)) == {}


def test_a_coordinator_the_report_is_about_is_not_told_of_it() -> None:
    case = after(None, opened(named=["asisten-pemkesra"]), promised=FAR)
    assert running(case)["hold"].coordinator == "sekda"
