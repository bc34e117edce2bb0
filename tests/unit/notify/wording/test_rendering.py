"""Every message there can be has its words, in both languages, and none can carry what the reader must not see."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from estafet.settings import default_city
from services.notify.audience import TOLD, agency_message, audience
from services.notify.directory import from_event
from services.notify.store import as_json
from services.notify.wording.phrasebook import packaged
from services.notify.wording.plain import one_line, quoted
from services.notify.wording.rendering import About, Wording, render
from services.notify.wording.vocabulary import LOCALES, in_words
from tests.unit.notify import samples
from tests.unit.notify.test_audience import TABLE

CODE = "TRT-7F3K-92Q"


def about(**changes: Any) -> About:
    given: dict[str, Any] = {
        "code": CODE,
        "category": "road",
        "confidential": False,
        "public_url": "https://lapor.tirtajaya.example",
    }
    return About(**(given | changes))


def words(template: str, facts: dict[str, Any], locale: str = "id", **changes: Any) -> Wording:
    return render(template, locale, json.loads(as_json(facts)), about(**changes), samples.directory())


@given(st.data(), st.sampled_from(sorted(TOLD)), st.sampled_from(LOCALES))
def test_whatever_happens_every_message_has_words(draw: st.DataObject, name: str, locale: str) -> None:
    data = draw.draw(samples.event_data(name))
    standing = data.get("ticket") or draw.draw(samples.event_data("ticket.opened"))["ticket"]
    for message in audience(name, data, standing, samples.directory()):
        wording = words(message.template, dict(message.facts), locale, secret="kunci")
        assert CODE in wording.subject
        assert wording.subject == one_line(wording.subject)
        assert len(wording.subject) <= 150
        assert wording.text.count("\n") > 3


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("name", "standing", "given", "expected"), TABLE)
def test_what_is_not_known_is_left_out(
    name: str, standing: dict[str, Any], given: dict[str, Any], expected: dict[str, str], locale: str
) -> None:
    standing = samples.ticket(**standing) | {"resolve_by": None}
    data = samples.data(name, ticket=standing, **({"words": None, "because": [], "receipt": None} | given))
    for message in audience(name, data, standing, samples.directory()):
        text = words(message.template, dict(message.facts), locale, secret="kunci").text
        assert "None" not in text
        assert "\n\n\n" not in text


@given(samples.event_data("referral.packaged"), st.sampled_from(LOCALES))
def test_a_package_is_put_into_words(data: dict[str, Any], locale: str) -> None:
    facts = dict(agency_message(data).facts) | {"package": data["package"]}
    wording = words("referral-packaged-agency", facts, locale)
    for line in wording.text.splitlines():
        assert line.startswith("> ") or line == ">" or not line.startswith(">")


def test_the_reporters_letters_about_a_report_have_one_subject_and_an_offices_say_what_to_do() -> None:
    standing = {"holder": "lake", "status": "held", "resolve_by": None}
    accepted = words("handoff-accepted-reporter", standing, secret="k")
    opened = words("ticket-opened-reporter", standing, secret="k")
    assert accepted.subject == opened.subject == f"[{CODE}] Jalan rusak"
    assert accepted.brief == f"[{CODE}] Kelurahan Telaga kini memegangnya"
    assert words("note-added-office", {**standing, "author": None}).subject == f"[{CODE}] Catatan baru"


def test_both_languages_have_the_same_messages_and_the_same_terms() -> None:
    book = packaged()
    assert book.messages("id") == book.messages("en")
    assert book.language("id").terms.keys() == book.language("en").terms.keys()


def test_a_fact_that_is_missing_is_an_error_never_an_empty_place() -> None:
    with pytest.raises(UndefinedError):
        words("handoff-offered-reporter", {"holder": "mill", "status": "offered"})


def test_nobody_is_told_that_nobody_holds_a_report() -> None:
    with pytest.raises(UndefinedError):
        words("handoff-accepted-reporter", {"holder": None})


def test_a_message_that_an_earlier_release_recorded_still_has_words() -> None:
    facts = {"receiver": "lake", "accept_by": samples.NOW, "holder": "mill"}
    assert "Kelurahan Telaga" in words("handoff-offered-reporter", facts, secret="k").text
    assert words("note-added-office", {"author": None}).text.startswith("Catatan baru\n\n")


def test_the_reporter_is_given_code_key_and_a_link_whose_secret_stays_out_of_logs() -> None:
    wording = words("ticket-opened-reporter", {}, secret="kunci-rahasia")
    assert f"https://lapor.tirtajaya.example/t/{CODE}#kunci-rahasia" in wording.text
    assert "Kunci laporan: kunci-rahasia" in wording.text
    assert "kunci-rahasia" not in wording.subject


def test_an_emergency_is_told_to_call_first() -> None:
    assert "telepon 112" in words("ticket-opened-reporter", {}, category="fire", secret="k").text
    assert "112" not in words("ticket-opened-reporter", {}, category="road", secret="k").text


def test_a_refusal_names_office_reason_and_words() -> None:
    facts = {
        "office": "lake",
        "reason": "other-place",
        "words": "Ini di Kincir.\nBukan kami.",
        "right_office": "roads",
        "holder": "mill",
        "status": "requested",
    }
    text = words("handoff-refused-reporter", facts, "en", secret="k").text
    for expected in ("Kelurahan Telaga says", "The place belongs to another office.", "> Bukan kami.", "Dinas Jalan"):
        assert expected in text


def test_the_subject_of_a_confidential_report_says_nothing() -> None:
    facts = {"holder": "lake", "resolve_by": None}
    wording = words("handoff-accepted-reporter", facts, category="bribe", confidential=True)
    assert wording.subject == wording.brief == f"[{CODE}] Kabar tentang laporan"


def test_what_an_office_is_told_of_a_confidential_report_is_code_and_category() -> None:
    text = words("confidential-office", {}, category="bribe", confidential=True).text
    assert CODE in text
    assert "Pungli" in text
    assert "#" not in text


@given(st.text())
def test_a_subject_is_one_line(text: str) -> None:
    line = one_line(text)
    assert not any(each in line for each in "\r\n\x00\x0b\x0c\x1b\x85\u2028\u2029\u202e")


def test_an_offices_name_cannot_add_a_header() -> None:
    data = samples.directory_data()
    data["offices"][4]["name"] = "Telaga\r\nBcc: all@warga.example"
    facts = {"holder": "lake", "resolve_by": None}
    wording = render("handoff-accepted-reporter", "id", facts, about(secret="k"), from_event(data))
    assert "\n" not in wording.subject
    assert "\r" not in wording.subject


@given(st.text())
def test_somebodys_own_words_are_marked_line_by_line(text: str) -> None:
    assert all(line.startswith("> ") for line in quoted(text).splitlines())


def test_times_are_said_as_people_say_them_where_the_city_is() -> None:
    moment = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    assert in_words(moment, "Asia/Jakarta", "id") == "Senin, 30 November 2026 pukul 16.00 WIB"
    assert in_words(moment, "Asia/Makassar", "en") == "Monday, 30 November 2026 at 17:00 WITA"


def test_a_language_we_do_not_speak_is_answered_in_the_citys() -> None:
    assert "Terima kasih" in words("ticket-opened-reporter", {}, "xx", secret="k").text


def test_no_wording_names_a_city_or_a_host() -> None:
    for path in (default_city() / "wording").rglob("*.txt"):
        text = path.read_text().lower()
        assert "kediri" not in text
        assert "http" not in text
