"""Photos at a desk: those of the reporter are seen, and an office's own come with what it says and does."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.desk.steps import at, held, offered
from tests.integration.tickets.pages.reader import THUMBNAIL, Form, Reader, text_of, with_photos
from tests.integration.tickets.served import Report, Served
from tests.support import pictures
from tests.support.pictures import photo

#: Acts that photos come with, and what else their forms ask.
WITH_PHOTOS = {
    "note": {"text": "Tiangnya roboh."},
    "hidden-note": {"text": "Tiangnya roboh."},
    "ask": {"text": "Yang ini?"},
    "resolve": {"reason": "fixed", "words": "Sudah tegak."},
}


def form_of(officer: Officer, page: httpx.Response, report: Report, act: str) -> Form:
    """Both notes are sent by one form, with two buttons."""
    form = officer.form(page, f"/desk/t/{report.code}/{'hidden-note' if act == 'note' else act}")
    form.action = f"/desk/t/{report.code}/{act}"
    return form


def test_the_reporters_photos_stand_beside_the_text_and_in_their_notes(served: Served) -> None:
    reader = Reader(str(served.http.base_url))
    report = with_photos(served, reader, photo(), photo(kind="PNG")).held("jalan")
    page = reader.get(f"/t/{report.code}")
    reader.post(reader.form(page, f"/t/{report.code}/note"), text="Dari sisi lain.", photos=[photo(300, 400)])
    officer, page = at(served, "jalan", report)
    text, _, rest = page.text.partition('data-part="notes"')
    assert [alt for _, alt in THUMBNAIL.findall(text)] == [
        f"Foto {n} dari 2, Pelapor; buka ukuran penuh" for n in (1, 2)
    ]
    (place, _), *more = THUMBNAIL.findall(rest)
    assert not more
    assert place.startswith(f"/desk/t/{report.code}/photo/")
    assert officer.get(place).headers["content-type"] == "image/jpeg"
    other, page = at(served, "hilir", report)
    assert not THUMBNAIL.findall(page.text), "not to an office that has nothing to do with it"
    assert other.get(place).status_code == 403


@pytest.mark.parametrize("act", WITH_PHOTOS)
def test_photos_come_with_a_note_a_question_and_a_resolution(served: Served, act: str) -> None:
    report = held(served)
    officer, page = at(served, "taman", report)
    form = form_of(officer, page, report, act)
    answer = officer.post(form, photos=[pictures.tagged(), photo(kind="WEBP")], **WITH_PHOTOS[act])
    assert answer.status_code == 200, text_of(answer)
    shown = THUMBNAIL.findall(answer.text)
    assert [alt for _, alt in shown] == [f"Foto {n} dari 2, Taman; buka ukuran penuh" for n in (1, 2)]
    assert not [secret for secret in pictures.SECRETS if secret in officer.get(shown[0][0]).content]
    reporter = Reader(str(served.http.base_url))
    seen = THUMBNAIL.findall(reporter.opened(report.code, report.secret).text)
    assert len(seen) == (0 if act == "hidden-note" else 2), "what is between offices stays there"
    if act == "hidden-note":
        assert reporter.get(shown[0][0].removeprefix("/desk")).status_code == 404


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("act", WITH_PHOTOS)
def test_what_is_no_photo_is_said_beside_its_field_and_all_that_was_typed_is_kept(
    served: Served, act: str, language: str
) -> None:
    report = held(served)
    officer, page = at(served, "taman", report, language)
    form = form_of(officer, page, report, act)
    answer = officer.post(form, photos=[photo(), pictures.HTML], **WITH_PHOTOS[act])
    assert answer.status_code == 422
    id = f"{act}-photos"
    fault = answer.text.partition(f'id="{id}-fault">')[2].partition("</p>")[0]
    assert {"id": "Foto ke-2: Berkas ini bukan foto", "en": "Photo 2: This file is not a photo"}[language] in fault
    assert f'aria-describedby="{id}-fault {id}-hint" aria-invalid="true"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 1, "in the form that was sent, and in no other"
    words = WITH_PHOTOS[act].get("text") or WITH_PHOTOS[act]["words"]
    assert f"{words}</textarea>" in answer.text
    if act == "resolve":
        assert 'value="fixed" selected' in answer.text
    case = served.town.case(report.code)
    assert (case.status, case.version) == ("held", report.version), "nothing came of it"
    again = officer.post(form_of(officer, answer, report, act), photos=[photo()], **WITH_PHOTOS[act])
    assert again.status_code == 200, text_of(again)
    assert len(THUMBNAIL.findall(again.text)) == 1


def test_for_another_fault_or_when_somebody_was_faster_they_are_asked_for_again(served: Served) -> None:
    report = held(served)
    officer, page = at(served, "taman", report)
    form = form_of(officer, page, report, "resolve")
    wrong = officer.post(form, photos=[photo()], reason="", words="Sudah tegak.")
    assert wrong.status_code == 422
    assert "Pilih lagi fotonya" in text_of(wrong)
    assert report.post("handoffs", "taman", receiver="hulu", reason="other-place").is_success
    late = officer.post(form, photos=[photo()], reason="fixed", words="Sudah tegak.")
    assert late.status_code == 409
    assert "Pilih lagi fotonya" in text_of(late)
    assert "Sudah tegak.</textarea>" in late.text


def test_of_whom_the_act_is_not_no_photo_is_looked_into(served: Served) -> None:
    report = offered(served)
    officer, page = at(served, "hilir", report)
    form = form_of(officer, page, report, "hidden-note")
    assert report.post("assign", "coordinator:asisten", receiver="hulu", reason="competent-office").is_success
    late = officer.post(form, photos=[pictures.HTML], text="Tiangnya roboh.")
    assert late.status_code == 403
    assert "bukan foto" not in text_of(late)
    assert "Tiangnya roboh." in late.text


@pytest.mark.parametrize("act", ["accept", "withdraw"])
def test_with_any_other_act_they_are_refused(served: Served, act: str) -> None:
    report = offered(served)
    officer, page = at(served, {"accept": "hilir", "withdraw": "taman"}[act], report)
    form = officer.form(page, f"/desk/t/{report.code}/{act}")
    assert officer.post(form, photos=[photo()]).status_code == 400
    assert served.town.case(report.code).pending is not None
    assert officer.post(form).status_code == 200


def test_the_same_words_with_another_photo_are_another_note_and_with_the_same_they_came_twice(served: Served) -> None:
    report = held(served)
    officer, page = at(served, "taman", report)
    for size in (30, 30, 40):
        sent = {"photos": [photo(size, size)], "text": "Dari depan."}
        page = officer.post(form_of(officer, page, report, "note"), **sent)
    assert len(report.get(office="taman").json()["notes"]) == 2
    assert len(report.get(office="taman").json()["attachments"]) == 2


def test_an_office_is_told_when_the_report_takes_no_more(served: Served) -> None:
    report = held(served)
    officer, page = at(served, "taman", report)
    for side in ("depan", "samping", "belakang"):
        page = officer.post(
            form_of(officer, page, report, "hidden-note"), photos=[photo(30, 30)] * 4, text=f"Dari {side}."
        )
        assert page.status_code == 200
    full = officer.post(form_of(officer, page, report, "note"), photos=[photo(30, 30)], text="Satu lagi.")
    assert full.status_code == 422
    assert "sudah memiliki 12 foto" in text_of(full)
    assert "Satu lagi.</textarea>" in full.text


def test_words_of_an_ended_session_are_carried_and_its_photos_are_asked_for_again(served: Served) -> None:
    report = held(served)
    officer, page = at(served, "taman", report)
    form = form_of(officer, page, report, "resolve")
    officer.http.cookies.delete("estafet_seat", path="/desk")
    stopped = officer.post(form, photos=[photo()], **WITH_PHOTOS["resolve"])
    assert stopped.status_code == 403
    assert "Foto tidak ikut tersimpan; pilih lagi setelah masuk." in text_of(stopped)
    again = officer.post(officer.form(stopped, "/desk/sign-in"), name=officer.name, password=officer.password)
    assert "Sudah tegak." in text_of(again)
    assert "Pilih lagi fotonya" in text_of(again)
    sent = officer.post(officer.form(again, f"/desk/t/{report.code}/resolve"), photos=[photo()])
    assert "Dinyatakan selesai" in text_of(sent)
    assert len(THUMBNAIL.findall(sent.text)) == 1
    other = held(served)
    page = officer.get(f"/desk/t/{other.code}")
    form = form_of(officer, page, other, "note")
    officer.http.cookies.delete("estafet_seat", path="/desk")
    stopped = officer.post(form, text="Tanpa foto.")
    assert "Foto tidak ikut tersimpan" not in text_of(stopped)
