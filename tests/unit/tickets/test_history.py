"""What a citizen reads of a report's way: no step of it is forgotten."""

from estafet.events import CONTRACTS
from services.tickets.history import _TOLD

#: Of these other rows of the chain tell.
BESIDE = {"report.accepted", "report.rejected"}


def test_every_event_of_a_report_is_a_step_of_its_way():
    public = {each.name for each in CONTRACTS if each.publisher == "tickets" and not each.private}
    assert public - BESIDE == _TOLD.keys() - {"reporter.erased"}, "_TOLD in services/tickets/history.py"
