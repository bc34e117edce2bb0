"""The link that stops everyday letters: good for one report, made of its reporter's secret, telling nothing of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notify.preferences import stopping
from services.notify.wording import specimens

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=50)


@given(TEXTS, TEXTS)
def test_a_token_is_good_for_its_report_and_reporter_alone(code: str, secret: str) -> None:
    token = stopping.token(code, secret)
    assert stopping.is_right(token, code, secret)
    assert not stopping.is_right(token, f"{code}x", secret)
    assert not stopping.is_right(token, code, f"{secret}x")
    assert not stopping.is_right(f"{token}x", code, secret)
    assert not stopping.is_right(token, code, None), "erased"


@given(TEXTS)
def test_whatever_somebody_sends_as_a_token_is_only_wrong(given_token: str) -> None:
    assert not stopping.is_right(given_token, "TRT-7F3K-92Q", "kunci")


def test_there_is_a_link_where_people_reach_us_by_https_and_nowhere_else() -> None:
    link = stopping.address("https://lapor.example", "T R\r\nBcc: x", "kunci")
    assert link is not None
    assert link.startswith("https://lapor.example/letters/stop/T%20R%0D%0ABcc%3A%20x/")
    assert "kunci" not in link
    assert stopping.address("http://127.0.0.1:8000", "TRT", "kunci") is None


def test_what_still_goes_are_letters_to_reporters() -> None:
    assert {each.template for each in specimens.specimens() if each.audience == "reporter"} > stopping.NEEDED
