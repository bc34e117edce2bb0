"""The page on which readers choose how to be told: what is chosen is kept, and what cannot be is asked again."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.preferences.choosing import Reader, chosen, page
from services.notify.preferences.preference import CHANNELS, CITIZEN, OFFICE, Preference, Quiet, texts
from services.notify.wording.phrasebook import packaged
from services.notify.wording.vocabulary import LOCALES

HOURS = st.times().map(lambda each: each.replace(second=0, microsecond=0))
WISHES = st.builds(
    Preference,
    channel=st.none() | st.sampled_from(CHANNELS),
    language=st.none() | st.sampled_from(LOCALES),
    digest=st.none() | HOURS,
    quiet=st.none() | st.builds(Quiet, HOURS, HOURS, st.booleans()),
)
CODE = "TRT-7F3K-92Q"
SENT = {
    **{"channel": "sms", "language": "en", "digest": "daily", "hour": "07:00"},
    **{"quiet": "nothing", "begins": "21:00", "ends": "06:00"},
}


def reporter(wish: Preference = CITIZEN, locale: str = "id") -> Reader:
    return Reader(wish, wish.language or locale, CHANNELS, code=CODE)


def office(wish: Preference = OFFICE) -> Reader:
    return Reader(wish, "id", ("email",), office="Kelurahan <b>Telaga</b>")


class Form(HTMLParser):
    """What a browser sends of the page's form when nothing is changed on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.labelled = True
        self._label = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "label":
            self._label = True
        if tag == "input":
            self.labelled = self.labelled and self._label
            if given["type"] != "radio" or "checked" in given:
                self.sent[str(given["name"])] = str(given["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._label = False


@given(WISHES, st.sampled_from(LOCALES))
def test_who_changes_nothing_changes_nothing(wish: Preference, locale: str) -> None:
    """Sent as it is shown, a page says how the reader is told already."""
    reader = reporter(wish, locale)
    form = Form(page(reader, packaged()))
    kept, wrong = chosen(form.sent, reader)
    usual = {"channel": wish.channel or CHANNELS[0], "language": reader.locale}
    assert (texts(kept), wrong) == (texts(wish) | usual, [])
    assert form.labelled


@given(WISHES)
def test_an_office_is_not_asked_what_makes_no_difference(wish: Preference) -> None:
    reader = office(wish)
    form = Form(page(reader, packaged())).sent
    assert "channel" not in form
    kept, wrong = chosen(form, reader)
    assert (kept.channel, kept.digest, wrong) == (wish.channel, wish.digest, [])


def test_what_is_chosen_is_said_by_the_form() -> None:
    kept, wrong = chosen(SENT, reporter())
    assert texts(kept) == {"channel": "sms", "language": "en", "digest": "07:00", "quiet": "21:00-06:00"}
    assert wrong == []
    at_once, _ = chosen({**SENT, "digest": "at-once", "quiet": "no-texts", "hour": ""}, reporter())
    assert texts(at_once)["digest"] is None
    assert texts(at_once)["quiet"] == "texts 21:00-06:00"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"hour": ""}, ["hour"]),
        ({"hour": "7"}, ["hour"]),
        ({"begins": "24:00", "ends": "x"}, ["begins", "ends"]),
        ({"channel": "pigeon"}, ["channel"]),
        ({"language": "fr", "digest": "never", "quiet": "always"}, ["language", "digest", "quiet"]),
    ],
)
def test_what_cannot_be_taken_is_asked_again_beside_what_can(changes: dict[str, str], wrong: list[str]) -> None:
    wish, found = chosen({**SENT, **changes}, reporter())
    assert found == wrong
    shown = page(reporter(wish), packaged(), wrong=found)
    assert shown.count('role="alert"') == 1
    assert shown.count('aria-invalid="true"') == len({*wrong} & {"hour", "begins", "ends"})


@given(st.dictionaries(st.sampled_from(sorted(SENT)), st.text(max_size=8)))
def test_whatever_is_sent_there_is_an_answer(form: dict[str, Any]) -> None:
    wish, wrong = chosen(form, reporter())
    assert page(reporter(wish), packaged(), wrong=wrong)


def test_the_page_speaks_the_readers_language_and_no_name_is_markup() -> None:
    assert '<html lang="en">' in page(reporter(Preference(language="en")), packaged())
    assert CODE in page(reporter(), packaged())
    shown = page(office(), packaged(), saved=True)
    assert "Kelurahan &lt;b&gt;Telaga&lt;/b&gt;" in shown
    assert 'role="status">Tersimpan' in shown
