"""The board as a page, as JSON and as a table: the same figures, kept by who asks, and nothing of anybody in them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.tickets.conftest import serving
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.integration.tickets.served import Served, problem
from tests.integration.tickets.town import PERSONAL


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str, str]]:
    """A service that nobody else asks, with a resolved report, one that waits, and a confidential one that does."""
    folder = tmp_path_factory.mktemp("board")
    with serving(f"sqlite:///{folder / 'tickets.sqlite'}", folder) as served:
        done = served.report(place="n-1").held("jalan")
        assert done.post("resolve", "jalan", reason="fixed").is_success
        waits = served.report(place="n-2").held("taman")
        hidden = served.report(category="curang").held("taman")
        yield served, waits.code, hidden.code


def board(served: Served, **query: Any) -> dict[str, Any]:
    answer = served.http.get("/api/v1/board", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_three_say_the_same(peopled: tuple[Served, str, str]) -> None:
    served, waits, hidden = peopled
    found = board(served, days=365)
    assert (found["days"], found["city"]) == (365, "Kota Contoh")
    assert found["totals"] | {"median_seconds": 0} == {
        "opened": 2,
        "resolved": 1,
        "working": 1,
        "confidential": None,
        "median_seconds": 0,
        "hops": [1, 0, 0, 0],
        "hops_mean": 0.0,
        "right_first_time": {"part": 2, "whole": 2, "percent": 100},
        "bounces_stopped": 0,
    }
    assert [each["code"] for each in found["waits"]] == [waits]
    assert [(each["code"], each["held"]) for each in found["offices"]] == [("taman", 1), ("jalan", 0)]
    table = list(csv.DictReader(io.StringIO(served.http.get("/board.csv", params={"days": 365}).text)))
    figures = {(row["table"], row["code"], row["figure"]): row["value"] for row in table}
    assert figures["city", "", "opened"] == "2"
    assert figures["category", "lubang", "resolved"] == "1"
    assert figures["office", "taman", "held"] == "1"
    assert figures["wait", waits, "days"] == "0"
    assert ("city", "", "ikm") not in figures
    page = served.http.get("/board", params={"days": 365})
    assert f'href="/t/{waits}"' in page.text
    for each in (page.text, str(found), str(table)):
        assert hidden not in each
        assert "Curang" not in each
        assert not [word for word in PERSONAL if word in each]


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_is_whole_and_light_in_both_languages(peopled: tuple[Served, str, str], language: str) -> None:
    served, _, _ = peopled
    reader = Reader(str(served.http.base_url), language)
    page = reader.get("/board?days=90")
    assert page.status_code == 200
    assert "{" not in text_of(page)
    assert len(page.content) < 100_000
    assert page.text.count('aria-current="page"') == 1
    bare = re.sub(r"<style>.*?</style>", "", page.text, flags=re.DOTALL)
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", bare)
    other = "en" if language == "id" else "id"
    assert f'href="/board?days=90&amp;lang={other}"' in page.text
    assert reader.get("/board?days=7").text.count('aria-current="page"') == 1
    assert "/board" in reader.get("/").text


@pytest.mark.parametrize("path", ["/board", "/board.csv", "/api/v1/board"])
def test_who_has_it_already_is_told_so(peopled: tuple[Served, str, str], path: str) -> None:
    served, _, _ = peopled
    first = served.http.get(path)
    assert first.headers["cache-control"] == "public, max-age=60"
    tag = first.headers["etag"]
    assert served.http.get(path).headers["etag"] == tag
    again = served.http.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert served.http.get(path, params={"days": 90}, headers={"If-None-Match": tag}).status_code == 200
    assert served.http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_what_sets_a_cookie_is_kept_by_nobody(peopled: tuple[Served, str, str]) -> None:
    served, _, _ = peopled
    assert served.http.get("/board", params={"lang": "en"}).headers["cache-control"] == "no-store"


def test_a_minute_long_it_says_what_it_said(peopled: tuple[Served, str, str]) -> None:
    served, _, _ = peopled
    before = board(served)
    served.report()
    assert board(served) == before


@pytest.mark.parametrize("days", ["7", "x", "-30", "36500"])
def test_other_periods_are_refused_by_name(peopled: tuple[Served, str, str], days: str) -> None:
    served, _, _ = peopled
    for path in ("/api/v1/board", "/board.csv"):
        assert [
            each["field"] for each in problem(served.http.get(path, params={"days": days}), "invalid")["errors"]
        ] == ["days"]
