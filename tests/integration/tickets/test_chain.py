"""Everything said about a report is in its chain, and whatever is changed there or cut off is found."""

import contextlib
from dataclasses import asdict

import pytest
from sqlalchemy import update

from services.tickets import recording
from services.tickets.tables import chain
from tests.integration.tickets.chains import chained, verified


@pytest.mark.parametrize("clock", ["accept", "hold", "resolve", "silence", "loop", "referral"])
def test_a_near_deadline_is_only_kept(town, clock):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    before = town.case(code)
    town.deliver(town.deadline(code, clock, "deadline.near"))
    assert town.case(code) == before
    assert chained(town, code)[-1].name == "deadline.near"


def test_who_was_told_is_kept_in_the_chain(town):
    code = town.submit()
    town.deliver(town.notified(code), town.notified(code, "notification.failed"), town.notified(None))
    assert [each.name for each in chained(town, code)][-2:] == ["notification.sent", "notification.failed"]
    assert verified(town, code)


class Undo(Exception):
    """Takes a transaction back."""


def changed(value, elsewhere):
    """As little as a stored value can be changed."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1000
    if value is None:
        return ""
    return elsewhere if value.startswith("CTH-") else value[:-1] + chr(ord(value[-1]) ^ 1)


@pytest.mark.parametrize("column", [each.name for each in chain.c])
def test_a_changed_byte_in_any_column_of_any_entry_is_found(town, column):
    code, elsewhere = town.submit(), town.submit()
    town.deliver(town.routed(code, "jalan"), town.notified(code))
    entries = [asdict(each) for each in chained(town, code)]
    assert len(entries) > 3
    for entry in entries:
        here = (chain.c.code == code, chain.c.position == entry["position"])
        with contextlib.suppress(Undo), town.works.database.begin() as connection:
            connection.execute(chain.delete().where(chain.c.code == elsewhere))  # an entry may be moved there
            connection.execute(update(chain).where(*here).values({column: changed(entry[column], elsewhere)}))
            assert recording.verify(connection, code).broken_at == entry["position"]
            raise Undo
    assert verified(town, code)


def test_an_entry_cut_off_the_end_is_found(town):
    code = town.submit()
    town.deliver(town.notified(code))
    last = chained(town, code)[-1].position
    with town.works.database.begin() as connection:
        connection.execute(chain.delete().where(chain.c.code == code, chain.c.position == last))
    with town.works.database.read() as connection:
        assert recording.verify(connection, code).broken_at == last
