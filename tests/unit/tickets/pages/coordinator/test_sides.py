"""What each office said, of any way a report can go."""

from dataclasses import replace
from datetime import UTC, datetime

from services.tickets import custody
from services.tickets.history import history
from services.tickets.pages.coordinator.sides import sides
from services.tickets.pages.stations import Mark
from tests.unit.test_custody_paths import accept, refuse, report, request
from tests.unit.tickets.town import DIRECTORY

SILENT = frozenset(code for code, each in DIRECTORY.offices.items() if each.kind in ("coordinator", "front-desk"))


def told(bus):
    chain = (replace(each, publisher=each.publisher.removeprefix("/estafet/")) for each in bus.chain)
    return history(chain, DIRECTORY)


def found(bus, notes=()):
    return sides(told(bus), notes, SILENT)


def test_both_sides_of_a_bounce_stand_with_their_reasons():
    bus = report()
    accept(bus)
    request(bus, "taman")
    refuse(bus, "hulu")
    refuse(bus, "taman")
    assert bus.case.status == "convened"
    holder, first, second = found(bus)
    assert (holder.office, holder.mark) == ("jalan", Mark.HOLDER)
    assert [(each.what, each.to) for each in holder.said] == [("handoff.requested", "Taman")]
    assert (first.office, first.mark, first.named_by) == ("taman", Mark.REFUSED, ("Jalan", "Hulu"))
    assert [(each.what, each.to) for each in first.said] == [("handoff.refused", "Hulu")]
    assert first.said[0].sentence["en"] == "It is not this office's task."
    assert (second.office, second.mark, second.named_by) == ("hulu", Mark.REFUSED, ("Taman",))


def test_who_let_go_of_it_keeps_its_words():
    bus = report()
    accept(bus)
    request(bus, "taman")
    accept(bus)
    request(bus, "jalan")
    assert bus.case.status == "convened"
    holder, former = found(bus)
    assert (holder.office, holder.mark) == ("taman", Mark.HOLDER)
    assert (former.office, former.mark) == ("jalan", Mark.PASSED)
    assert [each.what for each in former.said] == ["handoff.requested"]


def test_notes_of_offices_are_heard_and_those_of_the_reporter_and_of_outsiders_are_not():
    bus = report()
    accept(bus)
    time = datetime(2026, 3, 9, tzinfo=UTC)
    notes = [{"office": office, "text": "Fakta.", "time": time} for office in ("jalan", None, "hilir")]
    (holder,) = found(bus, [*notes, {"office": "jalan", "text": None, "time": time}])
    assert [(each.what, each.words) for each in holder.said] == [("note", "Fakta.")]


def test_neither_the_front_desk_nor_a_coordinator_takes_a_side():
    bus = report()
    accept(bus)
    request(bus, "taman")
    refuse(bus, None)
    rule = custody.assign
    assert bus.act(
        "sekretaris", None, lambda act: rule(bus.case, act, DIRECTORY, receiver="taman", reason="competent-office")
    )
    bus.settle()
    assert [(each.office, each.mark) for each in found(bus)] == [("taman", Mark.HOLDER), ("jalan", Mark.PASSED)]
