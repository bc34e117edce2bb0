"""The line of a report says what its case says: after every step of any way through the rules, and by example."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from services.tickets import custody
from services.tickets.history import history
from services.tickets.pages.stations import Mark, stations
from tests.unit import test_custody_machine as machine
from tests.unit.test_custody_paths import accept, refuse, report, request
from tests.unit.tickets.town import DIRECTORY

FRONT_DESK = (DIRECTORY.front_desk, DIRECTORY.name(DIRECTORY.front_desk))


def line(bus):
    chain = (replace(each, publisher=each.publisher.removeprefix("/estafet/")) for each in bus.chain)
    return stations(history(chain, DIRECTORY), FRONT_DESK)


def drawn(bus):
    return [(each.mark, each.office) for each in line(bus)]


def act(bus, by, rule, **options):
    assert bus.act(by, None, lambda act: rule(bus.case, act, **options))
    bus.settle()


def assign(bus, by, receiver, words=None):
    act(bus, by, custody.assign, directory=DIRECTORY, receiver=receiver, reason="competent-office", words=words)


def check(bus):
    """What anybody may read off a line."""
    found = line(bus)
    marks = [each.mark for each in found]
    holders = [each.office for each in found if each.mark is Mark.HOLDER]
    assert holders == ([] if bus.case.status == "closed" else [bus.case.holder])
    asked = [each.office for each in found if each.mark is Mark.OFFERED]
    assert asked == ([bus.case.offered_to] if bus.case.offered_to else [])
    convened = [each.office for each in found if each.mark is Mark.CONVENED]
    assert convened == ([bus.case.coordinator] if bus.case.coordinator else [])
    assert (Mark.REPORTER in marks) == (bus.case.status == "resolved")
    assert [each.since for each in found] == sorted(each.since for each in found)
    for each in found:
        assert each.until is None or each.until >= each.since
        open_now = (Mark.HOLDER, Mark.OFFERED, Mark.CONVENED, Mark.ASKED, Mark.REPORTER)
        assert (each.until is None) == (each.mark in open_now)
    went = [each for each in found if each.mark in (Mark.PASSED, Mark.HOLDER)]
    for before, after in itertools.pairwise(went):
        assert before.until == after.since, "the baton is never between two offices"


class Drawn(machine.Custody):
    """The custody machine, with the line drawn after each of its steps."""

    @invariant()
    def the_line_says_what_the_case_says(self):
        if hasattr(self, "bus"):
            check(self.bus)


TestDrawn = Drawn.TestCase
TestDrawn.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_opened_it_is_at_the_front_desk():
    bus = machine.Bus(custody.Report(code="CTH-7F3K-92Q", category="bebas"))
    assert drawn(bus) == [(Mark.HOLDER, "loket")]


def test_offered_the_one_who_was_asked_is_behind_the_holder():
    assert drawn(report()) == [(Mark.HOLDER, "loket"), (Mark.OFFERED, "jalan")]


def test_refused_twice_a_coordinator_decides_between_all_who_had_a_say():
    bus = report()
    accept(bus)
    request(bus, "taman")
    refuse(bus, "hulu")
    refuse(bus, "taman")
    assert drawn(bus) == [
        (Mark.PASSED, "loket"),
        (Mark.HOLDER, "jalan"),
        (Mark.REFUSED, "taman"),
        (Mark.REFUSED, "hulu"),
        (Mark.CONVENED, bus.case.coordinator),
    ]
    *_, bar = line(bus)
    assert bar.between == ("Jalan", "Taman", "Hulu")
    coordinator = bus.case.coordinator
    assign(bus, coordinator, "taman", words="Taman yang merawatnya.")
    assert drawn(bus)[-2:] == [(Mark.DECIDED, coordinator), (Mark.HOLDER, "taman")]
    assert line(bus)[-1].bound
    assert line(bus)[-2].said[-1].words == "Taman yang merawatnya."


def test_a_coordinator_who_was_not_convened_overtakes_who_was_asked():
    bus = report()
    accept(bus)
    request(bus, "taman")
    assign(bus, "sekretaris", "hulu")
    assert drawn(bus)[1:] == [
        (Mark.PASSED, "jalan"),
        (Mark.WITHDRAWN, "taman"),
        (Mark.DECIDED, "sekretaris"),
        (Mark.HOLDER, "hulu"),
    ]
    check(bus)


def test_one_above_the_convened_decides_in_its_stead():
    bus = report()
    accept(bus)
    request(bus, "taman")
    refuse(bus, "hulu")
    refuse(bus, "taman")
    convened = bus.case.coordinator
    assign(bus, "bupati", "taman")
    assert drawn(bus)[-3:] == [(Mark.DECIDED, convened), (Mark.DECIDED, "bupati"), (Mark.HOLDER, "taman")]
    check(bus)


def test_a_refusal_keeps_its_reason_and_whose_it_is():
    bus = report()
    refuse(bus, "taman")
    said = line(bus)[1].said[0]
    assert (said.what, said.to) == ("handoff.refused", "Taman")
    assert said.sentence["id"] == "Bukan kewenangan kantor ini."


def test_withdrawn_and_paused_are_said_by_the_holder_or_at_the_one_asked():
    bus = report()
    accept(bus)
    act(bus, "jalan", custody.pause, reason="weather", until=bus.now + timedelta(days=1))
    request(bus, "taman")
    act(bus, "jalan", custody.withdraw)
    assert drawn(bus)[-2:] == [(Mark.HOLDER, "jalan"), (Mark.WITHDRAWN, "taman")]
    assert [each.what for each in line(bus)[1].said] == ["ticket.paused", "handoff.requested"]
    assert line(bus)[1].said[0].until is not None


def test_resolved_objected_resolved_and_confirmed():
    bus = report()
    accept(bus)
    act(bus, "jalan", custody.resolve, reason="fixed", words="Ditambal.")
    assert drawn(bus)[-1] == (Mark.REPORTER, None)
    act(bus, None, custody.object_to)
    assert drawn(bus)[1:] == [(Mark.HOLDER, "jalan"), (Mark.OBJECTED, None)]
    act(bus, "jalan", custody.resolve, reason="fixed")
    act(bus, None, custody.confirm)
    assert drawn(bus)[1:] == [(Mark.PASSED, "jalan"), (Mark.OBJECTED, None), (Mark.CONFIRMED, None)]


def test_an_agency_that_is_asked_never_holds_it():
    bus = machine.Bus(custody.Report(code="CTH-7F3K-92Q", category="bebas", consent=("text", "name")))
    bus.settle()
    accept(bus)
    act(bus, "jalan", custody.refer, directory=DIRECTORY, agency="wasit")
    assert drawn(bus)[1:] == [(Mark.HOLDER, "jalan"), (Mark.ASKED, "wasit")]
    id = bus.case.referrals[0].id
    act(bus, "jalan", custody.answer, referral=id, outcome="received", receipt="W-7")
    assert drawn(bus)[-1] == (Mark.ASKED, "wasit")
    act(bus, "jalan", custody.answer, referral=id, outcome="settled")
    assert drawn(bus)[-1] == (Mark.ANSWERED, "wasit")
    assert [each.outcome for each in line(bus)[-1].said] == ["received", "settled"]


@pytest.mark.parametrize("name", ["handoff.accepted", "ticket.resolved", "ticket.assigned"])
def test_a_history_that_begins_in_the_middle_is_drawn_all_the_same(name):
    """Nothing a database may hold breaks the page."""
    step = dict.fromkeys(("to", "to_name", "sentence", "words", "until", "how", "outcome"))
    step |= {"time": "2026-03-02T02:00:00.000000Z", "what": name, "office": "jalan", "office_name": "Jalan"}
    assert stations([step], FRONT_DESK)
