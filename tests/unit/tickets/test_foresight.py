"""What is told before a handoff or a refusal is sent is what routing then decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from estafet.events import Event, contract
from services.routing.city.directory import NobodyLeft
from services.routing.city.loading import published
from services.routing.decision import Blocked, Decision, Routed, decide
from services.tickets import custody
from services.tickets.custody import Act, Case, Handoff, Outcome, Refused, foresight
from services.tickets.custody.foresight import Fate, Foresight
from services.tickets.directory import Directory
from tests.cities import KEDIRI, WATU, city, directory
from tests.unit.tickets.scene import DEADLINE, LATER, bound, held, offered, refused, route
from tests.unit.tickets.town import DIRECTORY

#: What routing says beside the rules in the way.
_WHO = ("lowest-coordinator", "other-coordinator")


@cache
def known(folder: Path) -> Directory:
    """The directory as tickets learns it."""
    schema = contract("directory.published").schema()
    return Directory.of(schema.dump(published(city(folder), "0" * 64, 1)))


@st.composite
def cases(draw: st.DrawFn, status: str) -> tuple[Path, Case]:
    """A report that an office holds, or that another is asked to take, in either city, however it came there."""
    folder = draw(st.sampled_from([KEDIRI, WATU]))
    routing = directory(folder)
    codes = [office.code for office in routing.city.offices]
    holding = [office.code for office in routing.city.offices if office.can_hold]
    some = st.lists(st.sampled_from([*codes, "elsewhere"]), max_size=6, unique=True).map(tuple)
    category = draw(st.sampled_from([*(each.code for each in routing.city.services), "gone"]))
    service = routing.service(category)
    asked = status == "offered"
    holder = draw(st.sampled_from([*holding, routing.front_desk] if asked else holding))
    receiver = draw(st.sampled_from([each for each in holding if each != holder]))
    handoff = Handoff(id="h-1", sender=holder, receiver=receiver, reason="not-our-task", state="offered", offered="m-1")
    return folder, Case(
        code="KDR-7F3K-92Q",
        correlation="m-0",
        category=category,
        place=draw(st.sampled_from([*(each.code for each in routing.city.areas), None])),
        confidential=draw(st.booleans()),
        reachable=True,
        front_desk=routing.front_desk,
        status=status,
        version=draw(st.integers(3, 9)),
        holder=holder,
        held_since=LATER,
        custody_message="m-0",
        hops=draw(st.integers(0, 5)),
        # As the decision that brought it here told it.
        hop_budget=service.hop_budget if service else routing.city.policy.hop_budget,
        seen=draw(some),
        named=draw(some),
        refusals=draw(st.integers(0, 3)),
        resolve_by=DEADLINE,
        pending=handoff if asked else None,
    )


def decided(folder: Path, outcome: Outcome) -> Decision:
    """What routing answers to what was said."""
    (said,) = outcome.said
    schema = contract(said.name).schema()
    asked = Event(
        name=said.name,
        source="/estafet/tickets",
        data=schema.load(schema.dump(said.data)),
        id=said.id,
        time=LATER,
        correlationid="m-0",
        subject=outcome.case.code,
        subjectversion=said.version,
    )
    try:
        decision = decide(asked, directory(folder), LATER)
    except NobodyLeft:
        assume(False)
        raise
    assert decision is not None
    return decision


def tried(act: Callable[[], Outcome]) -> Outcome | None:
    try:
        return act()
    except Refused:
        return None


def check(foreseen: Foresight, folder: Path, outcome: Outcome | None, receiver: str | None) -> None:
    assert (foreseen.fate is Fate.IMPOSSIBLE) == (outcome is None)
    if outcome is None:
        return
    decision = decided(folder, outcome)
    if foreseen.fate is Fate.ASKED:
        assert isinstance(decision, Routed)
        assert decision.receiver == receiver
    elif foreseen.fate is Fate.CONVENED:
        assert isinstance(decision, Blocked)
        assert foreseen.coordinator in (None, decision.coordinator)
        rules = [each.rule for each in decision.because if each.rule not in _WHO]
        assert rules == list(foreseen.why) or receiver is None
        assert foreseen.coordinator is not None or receiver is None


@given(cases("held"), st.data())
def test_a_handoff_comes_to_what_was_foreseen(where: tuple[Path, Case], data: st.DataObject) -> None:
    folder, case = where
    offices = known(folder)
    receiver = data.draw(st.sampled_from([*offices.offices, "nowhere", None]))
    convene = receiver is None and data.draw(st.booleans())
    foreseen = foresight.handoff(case, offices, receiver, convene)
    act = Act(now=LATER, by=case.holder)
    options: dict[str, Any] = {"reason": "not-our-task", "receiver": receiver, "convene": convene}
    check(foreseen, folder, tried(lambda: custody.request(case, act, offices, **options)), receiver)
    assert foreseen.fate is not Fate.ROUTING or receiver is None, "only where the category's office decides"
    assert not convene or foreseen.coordinator is not None


@given(cases("offered"), st.data())
def test_a_refusal_comes_to_what_was_foreseen(where: tuple[Path, Case], data: st.DataObject) -> None:
    folder, case = where
    offices = known(folder)
    right = data.draw(st.sampled_from([*offices.offices, "nowhere", None]))
    foreseen = foresight.refusal(case, offices, right)
    act = Act(now=LATER, by=case.offered_to)
    options: dict[str, Any] = {"reason": "not-our-task", "right_office": right}
    check(foreseen, folder, tried(lambda: custody.refuse(case, act, offices, **options)), right)
    assert foreseen.fate is not Fate.ROUTING
    assert foreseen.fate is Fate.IMPOSSIBLE or right is not None or foreseen.coordinator is not None


@pytest.mark.parametrize(
    ("case", "receiver", "foreseen"),
    [
        (held("hulu"), "taman", Foresight(Fate.ASKED)),
        (held("hulu"), None, Foresight(Fate.ROUTING)),
        (held("hulu"), "hulu", Foresight(Fate.IMPOSSIBLE, ("already-holder",))),
        (held("hulu"), "asisten", Foresight(Fate.IMPOSSIBLE, ("office-cannot-hold",))),
        (held("hulu"), "wasit", Foresight(Fate.IMPOSSIBLE, ("office-cannot-hold",))),
        (held("hulu"), "nowhere", Foresight(Fate.IMPOSSIBLE, ("unknown-office",))),
        (held("hulu", named=("taman",)), "taman", Foresight(Fate.IMPOSSIBLE, ("named-office",))),
        (held("hulu", "hilir"), "hulu", Foresight(Fate.CONVENED, ("no-way-back",), "utara")),
        (held("hulu", "taman"), "hulu", Foresight(Fate.CONVENED, ("no-way-back",), "asisten")),
        (held("hulu", "hilir", "utara", "jalan"), "taman", Foresight(Fate.CONVENED, ("hop-budget",), "sekretaris")),
        (replace(held("hulu"), resolve_by=None), "taman", Foresight(Fate.ROUTING)),
    ],
)
def test_a_handoff_from_where_it_is(case: Case, receiver: str | None, foreseen: Foresight) -> None:
    assert foresight.handoff(case, DIRECTORY, receiver) == foreseen


REFUSED_ONCE = route(refused(offered("jalan")), "taman").case


@pytest.mark.parametrize(
    ("case", "right", "foreseen"),
    [
        (offered("jalan"), "taman", Foresight(Fate.ASKED)),
        (offered("jalan"), "jalan", Foresight(Fate.IMPOSSIBLE, ("own-office",))),
        (offered("hulu"), None, Foresight(Fate.CONVENED, ("convene-asked",), "utara")),
        (REFUSED_ONCE, "hulu", Foresight(Fate.CONVENED, ("second-refusal",), "sekretaris")),
    ],
)
def test_a_refusal_from_where_it_is(case: Case, right: str | None, foreseen: Foresight) -> None:
    assert foresight.refusal(case, DIRECTORY, right) == foreseen


def test_who_asks_for_a_coordinator_is_told_which() -> None:
    assert foresight.handoff(bound("hulu"), DIRECTORY, None, convene=True).coordinator is not None
    assert foresight.handoff(held("hulu", "hilir"), DIRECTORY, None, convene=True).coordinator == "utara"
