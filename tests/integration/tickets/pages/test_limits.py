"""Codes and keys are not for guessing, and who is turned away is told so by a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from estafet.relay import migrate
from tests.bed.process import wait_until
from tests.integration.tickets.conftest import running, serving
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.integration.tickets.served import problem

LIMIT = 100
#: Codes whose check character fits.
UNKNOWN = "CTH-1111-111"


@pytest.mark.parametrize("guess", ["code", "key", "api"])
def test_who_guesses_is_turned_away_long_before_who_reads(tmp_path: Path, guess: str) -> None:
    url = f"sqlite:///{tmp_path / 'tickets.sqlite'}"
    with serving(url, tmp_path, ESTAFET_LIMIT_ADDRESS=f"{LIMIT}/hour") as served:
        reader, report = Reader(str(served.http.base_url)), served.report()
        for _ in range(20):
            assert reader.get(f"/t/{report.code}").is_success
        form = reader.form(reader.get(f"/t/{report.code}"), f"/t/{report.code}/open")
        tries = {
            "code": lambda: reader.get(f"/t/{UNKNOWN}"),
            "key": lambda: reader.post(form, secret="AAAA-" * 5 + "AAAA"),
            "api": lambda: served.http.get(f"/api/v1/tickets/{UNKNOWN}"),
        }
        answers = [tries[guess]() for _ in range(LIMIT // 4)]
        assert {each.status_code for each in answers} == {403 if guess == "key" else 404, 429}
        turned_away = answers[-1]
        if guess == "api":
            problem(turned_away, "too-many-requests")
        else:
            assert "Terlalu sering" in text_of(turned_away)
            assert turned_away.headers["retry-after"] in text_of(turned_away)


@pytest.mark.parametrize(("language", "title"), [("id", "Sedang tidak bisa"), ("en", "Not just now")])
def test_before_there_is_a_city_pages_say_to_come_again(tmp_path: Path, language: str, title: str) -> None:
    url = f"sqlite:///{tmp_path / 'tickets.sqlite'}"
    migrate.upgrade("tickets", url)
    with running(url, tmp_path) as client:
        wait_until(lambda: client.get("/healthz").is_success, what="the service")
        reader = Reader(str(client.base_url), language)
        for path in ("/", "/report", "/t/CTH-1111-111"):
            page = reader.get(path)
            assert page.status_code == 503
            assert title in text_of(page)
            assert page.headers["retry-after"] == "1"


def test_where_the_city_is_reached_by_https_cookies_go_no_other_way(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tickets.sqlite'}"
    with serving(url, tmp_path, ESTAFET_PUBLIC_URL="https://lapor.contoh.id") as served:
        answer = served.http.get("/report", params={"lang": "en"})
        cookies = answer.headers.get_list("set-cookie")
        assert len(cookies) == 2
        assert all("Secure" in each for each in cookies)
