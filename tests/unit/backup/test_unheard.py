"""An event is published again exactly when somebody who must hear it has not."""

from hypothesis import given
from hypothesis import strategies as st

from estafet.backup.unheard import APPS, Published, unheard
from estafet.events import CONTRACTS

OURS = [each.name for each in CONTRACTS if each.publisher == "tickets"]
events = st.lists(
    st.builds(Published, st.uuids().map(str), st.sampled_from([*OURS, "of.another.release"])), max_size=20
)


@given(events, st.data())
def test_exactly_what_a_listener_lacks_is_answered(some: list[Published], data: st.DataObject) -> None:
    pairs = [(listener, event.id) for event in some for listener in event.listeners]
    heard = set(data.draw(st.lists(st.sampled_from(pairs)))) if pairs else set()
    lacking = unheard(some, heard)
    assert {(listener, id) for listener, ids in lacking.items() for id in ids} == set(pairs) - heard


def test_what_every_reader_has_heard_is_left() -> None:
    event = Published("1", "ticket.opened")
    assert unheard([event], {("routing.route", "1"), ("notify.tell", "1")}) == {}
    assert unheard([event], {("routing.route", "1")}) == {"notify.tell": ["1"]}


def test_answers_to_apps_are_always_published_again() -> None:
    assert unheard([Published("1", "report.accepted"), Published("2", "what.is.this")], set()) == {APPS: ["1", "2"]}
