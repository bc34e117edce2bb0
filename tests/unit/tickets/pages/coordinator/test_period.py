"""What an address chooses."""

from datetime import UTC, datetime, timedelta

import pytest

from services.tickets.pages.coordinator.period import Period, asked
from tests.unit.tickets.town import DIRECTORY

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("args", "own", "chosen"),
    [
        ({}, None, Period(30)),
        ({"days": "90", "kind": "kelurahan", "office": "jalan"}, None, Period(90, "kelurahan", "jalan")),
        ({"days": "31", "kind": "coordinator", "office": "nowhere"}, None, Period(30)),
        ({"days": "-7"}, None, Period(30)),
        ({"days": "٧"}, None, Period(30)),
        ({"office": "jalan"}, "taman", Period(30, None, "taman")),
        ({"desk": "1"}, None, Period(30, desk=True)),
    ],
)
def test_what_an_address_asks_for(args, own, chosen):
    assert asked(args, DIRECTORY, own) == chosen


def test_an_address_can_be_made_again_and_with_one_thing_changed():
    chosen = Period(90, "kelurahan", "jalan")
    assert chosen.query() == "days=90&kind=kelurahan&office=jalan"
    assert chosen.query(office=None, days=7) == "days=7&kind=kelurahan"
    assert chosen.since(NOW) == NOW - timedelta(days=90)
