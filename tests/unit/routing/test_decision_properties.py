"""Whatever is asked, in whatever state and city: what may never be answered."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from estafet.events import Event, contract
from services.routing.city.directory import Directory, NobodyLeft
from services.routing.decision import Blocked, Decision, Routed, decide
from services.routing.destination import destination
from services.routing.ticket import Ticket
from tests.cities import KEDIRI, WATU, directory
from tests.unit.routing.reports import NOON, lapsed, opened, refused, reopened, requested

LATER = NOON + timedelta(hours=1)

deadlines = st.timedeltas(timedelta(days=-9), timedelta(days=90)).map(lambda each: NOON + each)


@st.composite
def questions(draw: st.DrawFn, *kinds: str) -> tuple[Directory, Event]:
    """An event that asks for a decision, in either city, about a report in any state."""
    known = directory(draw(st.sampled_from([KEDIRI, WATU])))
    city = known.city
    codes = [office.code for office in city.offices]
    holding = [office.code for office in city.offices if office.can_hold]
    some = st.lists(st.sampled_from([*codes, "elsewhere"]), max_size=6, unique=True)
    office = st.sampled_from([*codes, "nowhere"])
    state: dict[str, Any] = {
        "category": draw(st.sampled_from([*(each.code for each in city.services), "gone"])),
        "place": draw(st.sampled_from([*(each.code for each in city.areas), "nowhere", None])),
        "holder": draw(st.sampled_from([city.front_desk, *holding])),
        "confidential": draw(st.booleans()),
        "hops": draw(st.integers(0, 5)),
        "seen": draw(some),
        "named": draw(some),
        "resolve_by": draw(st.none() | deadlines),
    }
    kind = draw(st.sampled_from(kinds or ("opened", "requested", "refused", "lapsed", "reopened")))
    if kind == "opened":
        return known, opened(**{**state, "holder": city.front_desk})
    if kind == "requested":
        return known, requested(draw(st.none() | office), convene=draw(st.booleans()), **state)
    if kind == "lapsed":
        return known, lapsed(draw(st.sampled_from(holding)), **state)
    if kind == "reopened":
        return known, reopened(state.pop("holder"), objections=draw(st.integers(0, 3)), **state)
    return known, refused(
        draw(st.sampled_from(holding)), draw(st.none() | office), refusals=draw(st.integers(1, 3)), **state
    )


def answer(known: Directory, asked: Event) -> Decision | None:
    try:
        return decide(asked, known, LATER)
    except NobodyLeft:
        coordinators = {office.code for office in known.city.offices if office.can_coordinate}
        assert coordinators <= set(asked.data["ticket"]["named"])
        assume(False)
        raise


@given(questions())
def test_nobody_is_offered_what_it_may_not_have(question: tuple[Directory, Event]) -> None:
    known, asked = question
    decision = answer(known, asked)
    if isinstance(decision, Routed):
        ticket, office = Ticket.of(asked.data["ticket"]), known.office(decision.receiver)
        assert office is not None
        assert office.can_hold
        assert office.code not in ticket.seen | ticket.named | {ticket.holder, known.front_desk}
        assert not (ticket.confidential and office.parent in ticket.named)


@given(questions())
def test_the_hop_budget_is_kept(question: tuple[Directory, Event]) -> None:
    known, asked = question
    decision = answer(known, asked)
    if isinstance(decision, Routed) and decision.hop_budget is not None:
        ticket = Ticket.of(asked.data["ticket"])
        fresh = ticket.hops == 0 and ticket.holder == known.front_desk
        assert ticket.hops < decision.hop_budget or fresh


@given(questions("lapsed", "refused", "reopened"))
def test_what_convenes_always_does(question: tuple[Directory, Event]) -> None:
    known, asked = question
    ticket = Ticket.of(asked.data["ticket"])
    decision = answer(known, asked)
    if asked.name == "handoff.lapsed" or ticket.refusals >= 2 or ticket.objections >= 2:
        assert isinstance(decision, Blocked)
    if asked.name == "handoff.refused" and asked.data["right_office"] is None:
        assert isinstance(decision, Blocked)


def between(known: Directory, asked: Event, decision: Blocked) -> set[str]:
    """The offices that the coordinator has to stand above; named ones too, though the decision does not tell them."""
    ticket, data = asked.data["ticket"], asked.data
    third = None if data.get("convene") else data.get("right_office") or data.get("receiver")
    if asked.name == "ticket.opened" or (asked.name == "handoff.requested" and not data["convene"] and third is None):
        third = destination(Ticket.of(ticket), known).office
    offices = (known.office(code) for code in {*ticket["seen"], ticket["holder"], third, *decision.involved})
    return {office.code for office in offices if office is not None and office.can_hold} or {known.front_desk}


@given(questions())
def test_the_coordinator_is_the_lowest_above_the_offices_and_never_named(question: tuple[Directory, Event]) -> None:
    known, asked = question
    decision = answer(known, asked)
    if isinstance(decision, Blocked):
        named = set(asked.data["ticket"]["named"])
        assert decision.coordinator not in named
        assert not named & set(decision.involved)
        office = known.office(decision.coordinator)
        assert office is not None
        assert office.can_coordinate
        fit = set.intersection(*(set(known.above(code)) for code in between(known, asked, decision))) - named
        assert decision.coordinator in fit or not fit
        assert not {code for code in fit if decision.coordinator in known.above(code)}
        assert decision.because[-1].rule == ("lowest-coordinator" if fit else "other-coordinator")


@given(questions())
def test_a_decision_satisfies_its_contract_and_says_why_in_both_languages(question: tuple[Directory, Event]) -> None:
    known, asked = question
    decision = answer(known, asked)
    if decision is not None:
        schema = contract("handoff.routed" if isinstance(decision, Routed) else "handoff.blocked").schema()
        assert schema.validate(schema.dump(asdict(decision))) == {}
        assert decision.ticket_version == asked.subjectversion
        assert decision.because
        for each in decision.because:
            assert each.id != each.en
            assert not {"{", "}"} & set(each.id + each.en)
            assert "None" not in each.id + each.en
        named = {known.name(code) for code in asked.data["ticket"]["named"] if known.office(code)}
        if isinstance(decision, Routed):
            assert known.name(decision.receiver) not in named


@given(questions())
def test_the_citizens_deadline_is_set_once(question: tuple[Directory, Event]) -> None:
    known, asked = question
    decision = answer(known, asked)
    promised = asked.data["ticket"]["resolve_by"]
    if decision is not None and promised is not None:
        assert decision.resolve_by == promised
    if isinstance(decision, Routed):
        assert decision.accept_by > LATER
        assert decision.accept_by <= decision.resolve_by or decision.resolve_by <= LATER


@given(questions())
def test_the_same_question_has_the_same_answer(question: tuple[Directory, Event]) -> None:
    known, asked = question
    assert answer(known, asked) == answer(known, asked)
