"""A page is told without asking again, costs no worker while it waits, and keeps no process from ending."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from services.tickets.pages.watching import MOST
from tests.bed.process import wait_until
from tests.integration.tickets.conftest import running, serving
from tests.integration.tickets.pages.reader import Reader, events
from tests.integration.tickets.served import Served


def test_what_happens_to_a_report_is_told_to_its_open_page(served: Served) -> None:
    report = served.report()
    with served.http.stream("GET", f"/t/{report.code}/events") as answer:
        told = events(answer)
        report.offered("jalan")
        assert next(told) == "event: changed"
        assert "Jalan" in served.http.get(f"/t/{report.code}/now").text
        assert report.post("accept", "jalan").is_success
        assert next(told) == "event: changed"


def test_what_came_between_the_page_and_its_stream_is_told_too(served: Served) -> None:
    report = served.report().held("jalan")
    with served.http.stream("GET", f"/t/{report.code}/events?length=1") as answer:
        assert next(events(answer)) == "event: changed"


def test_a_confidential_reports_stream_opens_with_its_key_alone(served: Served) -> None:
    report = served.report(category="curang")
    reader = Reader(str(served.http.base_url))
    assert reader.get(f"/t/{report.code}/events").status_code == 404
    reader.opened(report.code, report.secret)
    with reader.http.stream("GET", f"/t/{report.code}/events") as answer:
        report.offered("jalan")
        assert next(events(answer)) == "event: changed"


def test_as_many_pages_as_there_may_be_leave_room_for_everybody_else(tmp_path: Path) -> None:
    """More than there may be are open: the newest are served, the oldest have ended, and the API answers."""
    with serving(f"sqlite:///{tmp_path / 'tickets.sqlite'}", tmp_path) as served, ExitStack() as stack:
        report = served.report()
        http = stack.enter_context(
            httpx.Client(base_url=served.http.base_url, limits=httpx.Limits(max_connections=None), timeout=20)
        )
        opened = []
        for _ in range(MOST + 3):
            answer = stack.enter_context(http.stream("GET", f"/t/{report.code}/events"))
            lines = answer.iter_lines()
            assert next(lines).startswith("retry:")
            opened.append(lines)
        for lines in opened[:3]:
            assert [each for each in lines if each] == []
        assert served.http.get("/api/v1/services").is_success
        report.offered("jalan")
        for lines in opened[3:]:
            assert next(each for each in lines if each.startswith("event:")) == "event: changed"


def test_an_open_page_does_not_keep_the_process_from_ending(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tickets.sqlite'}"
    with serving(url, tmp_path) as served:
        code = served.report().code
    ended: list[float] = []
    with running(url, tmp_path) as client:
        wait_until(lambda: client.get(f"/t/{code}").is_success, what="the page")
        begun = threading.Event()

        def watch() -> None:
            with client.stream("GET", f"/t/{code}/events") as answer:
                for _ in answer.iter_bytes():
                    begun.set()
            ended.append(time.monotonic())

        watching = threading.Thread(target=watch)
        watching.start()
        assert begun.wait(20)
        asked = time.monotonic()
    watching.join(20)
    assert ended[0] - asked < 5, "well before the grace that handlers have"
