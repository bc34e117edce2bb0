from datetime import timedelta

import pytest

from services.tickets.custody import Moment, Refused, Report, faults, open_case
from tests.unit.tickets.scene import opened
from tests.unit.tickets.town import DIRECTORY, NOW

MOMENT = Moment(now=NOW)


def report(**fields):
    return Report(**{"code": "CTH-7F3K-92Q", "category": "lubang", **fields})


def test_the_front_desk_holds_it_from_the_first_second():
    outcome = open_case(report(), DIRECTORY, MOMENT)
    case, (said,) = outcome.case, outcome.said
    assert (case.holder, case.status, case.version, case.guardian) == ("loket", "requested", 1, None)
    assert outcome.holding is not None
    assert (outcome.holding.office, outcome.holding.how, outcome.holding.message) == ("loket", "opened", said.id)
    assert (said.name, said.version, said.data["ticket"]["holder"]) == ("ticket.opened", 1, "loket")
    assert case.custody_message == said.id


def test_the_chain_begins_with_the_submission_or_with_itself():
    assert open_case(report(), DIRECTORY, MOMENT, correlation="s1").case.correlation == "s1"
    outcome = open_case(report(), DIRECTORY, MOMENT)
    assert outcome.case.correlation == outcome.said[0].id


def test_what_it_has_been_through_elsewhere_travels_with_it():
    case = opened(seen=("hulu", "an-office-of-another-city"), hops=2, named=("taman",))
    assert (case.seen, case.hops, case.named) == (("hulu", "an-office-of-another-city"), 2, ("taman",))


def test_confidential_is_the_categorys_not_the_reporters_choice():
    assert opened("curang").confidential
    assert not opened("lubang").confidential


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"category": "nothing"}, ["category"]),
        ({"category": "warga"}, ["place"]),
        ({"place": "x-9"}, ["place"]),
        ({"named": ("hulu", "nobody")}, ["named"]),
        ({"category": "nothing", "place": "x-9", "named": ("nobody",)}, ["category", "place", "named"]),
        ({"category": "warga", "place": "n-1", "named": ("hulu",)}, []),
    ],
)
def test_what_the_directory_does_not_know_is_told_by_field(fields, at_fault):
    found = faults(report(**fields), DIRECTORY)
    assert [field for field, _ in found] == at_fault
    if at_fault:
        with pytest.raises(Refused) as refused:
            open_case(report(**fields), DIRECTORY, MOMENT)
        assert refused.value.field == at_fault[0]
        assert refused.value.slug == ("unknown-category" if at_fault[0] == "category" else "invalid")


def test_ids_and_times_are_the_callers():
    moment = Moment(now=NOW + timedelta(days=1), new_id=lambda: "fixed")
    outcome = open_case(report(), DIRECTORY, moment)
    assert outcome.said[0].id == "fixed"
    assert outcome.case.held_since == moment.now
