"""Codes and keys are not for guessing, and who is turned away is told so by a page."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import delete

from estafet.relay import migrate
from estafet.settings import from_environment
from services.tickets.signin.tables import sessions
from tests.bed.process import wait_until
from tests.integration.tickets.conftest import running, serving
from tests.integration.tickets.pages.desk.officer import Officer
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


def test_who_signed_in_counts_for_their_account_however_many_share_the_address(tmp_path: Path) -> None:
    url, defaults = f"sqlite:///{tmp_path / 'tickets.sqlite'}", from_environment({})
    limits = {"ESTAFET_LIMIT_ADDRESS": defaults.limit_address, "ESTAFET_LIMIT_TOKEN": defaults.limit_token}
    with serving(url, tmp_path, ESTAFET_PROXIES="1", **limits) as served:
        officer, anybody = Officer(served, "jalan"), Reader(str(served.http.base_url))
        for each in (officer, anybody):
            each.http.headers["X-Forwarded-For"] = "192.0.2.1"
        officer.sign_in("/desk/account/password")
        began = time.monotonic()
        assert Counter(officer.http.get("/desk/account/password").status_code for _ in range(400)) == {200: 400}
        turned_away = next(n for n in range(301) if anybody.http.get("/report").status_code == 429)
        assert turned_away > 250, "what signing in costs counts too"
        assert time.monotonic() - began < 60, "the limit is by the minute"
        assert officer.get("/desk").status_code == 200, "others used the address up, and not the account"


def test_a_session_that_is_none_is_a_guess(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tickets.sqlite'}"
    with serving(url, tmp_path, ESTAFET_LIMIT_ADDRESS=f"{LIMIT}/hour", ESTAFET_PROXIES="1") as served:
        guesser, officer = Reader(str(served.http.base_url)), Officer(served, "jalan")
        guesser.http.headers["X-Forwarded-For"] = "192.0.2.2"
        tries = [
            guesser.http.get("/desk/account", headers={"Cookie": f"estafet_seat={number}"}).status_code
            for number in range(LIMIT // 4)
        ]
        assert set(tries) == {303, 429}
        assert tries[-1] == 429
        officer.sign_in()
        with served.town.works.begin() as work:
            work.connection.execute(delete(sessions))
        officer.http.headers["X-Forwarded-For"] = "192.0.2.3"
        answers = [officer.http.get("/desk").status_code for _ in range(LIMIT // 4)]
        assert answers == [303] * (LIMIT // 4), "the browser is told to forget it, so it is shown once"


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
