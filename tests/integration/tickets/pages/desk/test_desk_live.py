"""An open desk is told of what its office has a part in, and of nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from services.tickets.pages.desk.news import DeskWatchers, milliseconds, touch_of
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import events
from tests.integration.tickets.town import NOW


def seen_by(officer: Officer, path: str) -> str:
    """Where the stream of a page is, with the moment the page was drawn at."""
    page = officer.sign_in(path)
    found = re.search(r'data-desk="([^"]+)" data-since="(\d+)"', page.text)
    assert found
    return f"{found[1]}?since={found[2]}"


def test_a_desk_is_told_what_happens_to_it(served):
    report = served.report()
    officer = Officer(served, "jalan")
    with officer.http.stream("GET", seen_by(officer, "/desk")) as answer:
        told = events(answer)
        report.offered("jalan")
        assert next(told) == "event: changed"
        assert report.post("accept", "jalan").is_success
        assert next(told) == "event: changed"


def test_what_came_between_a_desk_and_its_stream_is_told_too(served):
    report = served.report()
    officer = Officer(served, "hulu")
    stream = seen_by(officer, "/desk")
    report.offered("hulu")
    with officer.http.stream("GET", stream) as answer:
        assert next(events(answer)) == "event: changed"


def test_a_report_open_at_a_desk_is_told_of_its_own(served):
    report = served.report(category="curang").held("taman")
    officer, stranger = Officer(served, "taman"), Officer(served, "hilir")
    page = officer.sign_in(f"/desk/t/{report.code}")
    length = re.search(r'data-length="(\d+)"', page.text)
    assert length
    with officer.http.stream("GET", f"/desk/t/{report.code}/events?length={length[1]}") as answer:
        assert report.post("notes", "taman", text="Cek dulu.", public=False).is_success
        assert next(events(answer)) == "event: changed"
    stranger.sign_in()
    assert stranger.get(f"/desk/t/{report.code}/events").status_code == 404


def begun(desks, office, since):
    stream = desks.told(office, since, 0.01)
    assert next(stream).startswith(b"retry")
    return stream


def look(town, desks):
    with town.works.database.read() as connection:
        desks.look(connection, datetime.now(UTC))


def test_other_offices_are_told_nothing_and_everybody_of_an_assignment(town):
    desks = DeskWatchers()
    now = milliseconds(datetime.now(UTC))
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    streams = {office: begun(desks, office, now - 60_000) for office in ("jalan", "loket", "taman")}
    look(town, desks)
    assert {office: next(each) for office, each in streams.items() if office == "taman"} == {"taman": b":\n\n"}
    assert all(next(streams[each]).startswith(b"event: changed") for each in ("jalan", "loket"))
    look(town, desks)
    assert next(streams["jalan"]) == b":\n\n", "once is enough"
    late = begun(desks, "jalan", milliseconds(datetime.now(UTC) + timedelta(seconds=10)))
    look(town, desks)
    assert next(late) == b":\n\n", "it was drawn after all of that"
    for each in (*streams.values(), late):
        each.close()


def test_an_assignment_may_end_an_offer_to_an_office_that_it_does_not_name():
    assert touch_of("019a0000-0000-7000-8000-000000000000", "ticket.assigned", b"").offices is None
    body = (
        b'{"data": {"sender": "a", "receiver": null, "ticket": {"holder": "a", "guardian": "b", "coordinator": null}}}'
    )
    touch = touch_of("019a0000-0000-7000-8000-000000000000", "handoff.withdrawn", body)
    assert touch.offices == {"a", "b"}
    assert touch.made == 0x019A00000000
    assert milliseconds(NOW) < milliseconds(NOW + timedelta(milliseconds=2))
