"""Whole paths of a report through the rules of both services, played one by one."""

from services.tickets import custody
from tests.unit.tickets.bus import Bus
from tests.unit.tickets.scene import act
from tests.unit.tickets.town import DIRECTORY


def report(**fields):
    bus = Bus(custody.Report(code="CTH-7F3K-92Q", category="bebas", **fields))
    bus.settle()
    return bus


def accept(bus):
    by = bus.case.offered_to
    assert bus.act(by, bus.case.version, lambda act: custody.accept(bus.case, act))
    bus.settle()


def refuse(bus, right_office):
    assert bus.act(
        bus.case.offered_to,
        bus.case.version,
        lambda act: custody.refuse(bus.case, act, DIRECTORY, reason="not-our-task", right_office=right_office),
    )
    bus.settle()


def request(bus, receiver):
    assert bus.act(
        bus.case.holder,
        bus.case.version,
        lambda act: custody.request(bus.case, act, DIRECTORY, reason="not-our-task", receiver=receiver),
    )
    bus.settle()


def test_a_bounce_ends_before_the_coordinator():
    """jalan hands it to taman, taman asks for jalan again: nobody is offered it, and the one above both decides."""
    bus = report()
    accept(bus)
    request(bus, "taman")
    accept(bus)
    request(bus, "jalan")
    assert (bus.case.status, bus.case.holder, bus.case.coordinator) == ("convened", "taman", "sekretaris")
    assigned = custody.assign(bus.case, act("sekretaris"), DIRECTORY, receiver="jalan", reason="competent-office")
    assert (assigned.case.holder, assigned.case.bound_by) == ("jalan", "sekretaris")


def test_two_refusals_convene_even_when_a_resolution_and_an_objection_come_between():
    bus = report()
    accept(bus)
    request(bus, "taman")
    refuse(bus, "hulu")
    # the second refusal is still on its way to routing when the holder resolves
    assert bus.act("hulu", None, lambda act: _refuse_quietly(bus, act))
    assert bus.act("jalan", None, lambda act: custody.resolve(bus.case, act, reason="fixed"))
    assert bus.act(None, None, lambda act: custody.object_to(bus.case, act))
    bus.settle()
    assert (bus.case.status, bus.case.refusals) == ("held", 2)
    request(bus, "hilir")
    assert bus.case.status == "convened"


def _refuse_quietly(bus, act):
    return custody.refuse(bus.case, act, DIRECTORY, reason="not-our-task", right_office="hilir")


def test_a_report_with_nowhere_to_go_is_before_a_coordinator_at_once():
    bus = report(seen=("jalan",))
    assert (bus.case.status, bus.case.holder) == ("convened", "loket")
