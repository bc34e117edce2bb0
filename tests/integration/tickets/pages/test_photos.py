"""Photos on the pages, as a browser without JavaScript sends and sees them."""

from __future__ import annotations

import re

import httpx
import pytest

from estafet.web.multipart import Upload
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import take_as
from services.tickets.access.tokens import Token
from services.tickets.acting import perform
from services.tickets.custody import resolve
from services.tickets.photos.darkroom import develop
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import THUMBNAIL, Reader, code_of, text_of, with_photos
from tests.integration.tickets.served import Served
from tests.support import pictures
from tests.support.pictures import is_red, opened, photo


def test_photos_of_a_report_are_shown_to_its_reporter_and_counted_in_the_chain(served: Served, reader: Reader) -> None:
    report = with_photos(served, reader, pictures.tagged(), photo())
    page = reader.get(f"/t/{report.code}")
    shown = THUMBNAIL.findall(page.text)
    assert [alt for _, alt in shown] == [f"Foto {n} dari 2, Pelapor; buka ukuran penuh" for n in (1, 2)]
    whole, small = reader.get(shown[0][0]), reader.get(f"{shown[0][0]}?small")
    assert (opened(whole.content).size, opened(small.content).size) == ((400, 300), (320, 240))
    assert is_red(opened(whole.content), 0.1, 0.1)
    for each in (whole, small):
        assert each.headers["content-type"] == "image/jpeg"
        assert each.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["cache-control"] == "private, no-cache"
        assert each.headers["cross-origin-resource-policy"] == "same-origin"
        assert "content-encoding" not in each.headers
        assert not [secret for secret in pictures.SECRETS if secret in each.content]
    opened_event = report.get().json()["history"][0]
    assert (opened_event["what"], opened_event["photos"]) == ("ticket.opened", 2)


def test_a_stranger_sees_none_and_is_told_of_none(served: Served, reader: Reader) -> None:
    report = with_photos(served, reader, photo())
    (place, _), *_ = THUMBNAIL.findall(reader.get(f"/t/{report.code}").text)
    stranger = Reader(str(served.http.base_url))
    assert "photo" not in re.sub(r"<style>.*?</style>", "", stranger.get(f"/t/{report.code}").text, flags=re.DOTALL)
    refused = stranger.get(place)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")
    reader.post(reader.form(reader.get(f"/t/{report.code}"), "/leave"))
    assert reader.get(place).status_code == 403
    stranger.opened(report.code, report.secret)
    assert stranger.get(place).status_code == 200
    assert stranger.get(f"{place[:-4]}0000").status_code == 404


def test_a_reply_with_photos(served: Served, reader: Reader) -> None:
    report = served.report().held("jalan")
    page = reader.opened(report.code, report.secret)
    replied = reader.post(
        reader.form(page, f"/t/{report.code}/note"), text="Masih ada.", photos=[photo(kind="PNG"), photo(kind="WEBP")]
    )
    assert "Pesan Anda terkirim" in text_of(replied)
    note = replied.text.partition('<article class="note own">')[2].partition("</article>")[0]
    assert "Masih ada." in note
    assert len(THUMBNAIL.findall(note)) == 2


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (pictures.SVG, {"id": "bukan foto yang dapat kami terima", "en": "not a photo we can take"}),
        (pictures.archive(), {"id": "Kirim JPEG, PNG atau WebP", "en": "Send JPEG, PNG or WebP"}),
        (pictures.HTML, {"id": "Kirim JPEG, PNG atau WebP", "en": "Send JPEG, PNG or WebP"}),
        (pictures.HEIC, {"id": "Simpan sebagai JPEG", "en": "Save it as JPEG"}),
        (photo(2000, 1500)[:20_000], {"id": "rusak atau tidak utuh", "en": "damaged or not whole"}),
        (pictures.bomb(), {"id": "terlalu besar ukurannya", "en": "too many pixels"}),
        (pictures.huge(), {"id": "lebih besar dari 8 MB", "en": "larger than 8 MB"}),
    ],
    ids=["svg", "zip", "html", "heic", "cut", "bomb", "huge"],
)
def test_what_is_no_photo_is_said_beside_the_field_and_what_was_typed_is_kept(
    served: Served, content: bytes, says: dict[str, str], language: str
) -> None:
    reader = Reader(str(served.http.base_url), language)
    answer = reader.report(photos=[content], text="Lubang di depan rumah.", address="Pasar", email="ani@contoh.id")
    assert answer.status_code == 422
    _refused(answer, says[language])
    assert "Lubang di depan rumah.</textarea>" in answer.text
    form = reader.form(answer, "/report")
    assert (form.fields["address"], form.fields["email"]) == ("Pasar", "ani@contoh.id")
    assert form.fields["category"] == "lubang"
    assert reader.post(form, text="Lubang di depan rumah.", category="lubang").url.path.endswith("/receipt")
    report = served.report()
    page = reader.opened(report.code, report.secret)
    answer = reader.post(reader.form(page, f"/t/{report.code}/note"), text="Sudah saya tulis.", photos=[content])
    assert answer.status_code == 422
    _refused(answer, says[language])
    assert "Sudah saya tulis.</textarea>" in answer.text
    assert report.get(secret=report.secret).json()["notes"] == []


def _refused(answer: httpx.Response, says: str) -> None:
    fault = answer.text.partition('id="photos-fault">')[2].partition("</p>")[0]
    assert says in fault
    assert 'aria-describedby="photos-fault photos-hint" aria-invalid="true"' in answer.text


def test_which_of_several_it_is_is_said(served: Served, reader: Reader) -> None:
    answer = reader.report(photos=[photo(), pictures.HTML])
    assert "Foto ke-2: Berkas ini bukan foto" in text_of(answer)
    answer = reader.report(photos=[photo(20, 20)] * 5)
    assert "Paling banyak 4 foto sekali kirim" in text_of(answer)


def test_for_another_fault_the_photos_are_asked_for_again(reader: Reader) -> None:
    answer = reader.report(photos=[photo()], text="")
    assert answer.status_code == 422
    assert "Pilih lagi fotonya" in text_of(answer)


def test_the_same_form_sent_twice_keeps_its_photos_once(served: Served, reader: Reader) -> None:
    form = reader.form(reader.get("/report"), "/report")
    filled = {"category": "lubang", "text": "Dua kali.", "photos": [photo()]}
    first, again = (reader.post(form, **filled) for _ in range(2))
    assert code_of(first) == code_of(again)
    assert len(THUMBNAIL.findall(reader.get(f"/t/{code_of(first)}").text)) == 1
    other = reader.post(form, **{**filled, "photos": [photo(kind="PNG")]})
    assert other.status_code == 422
    assert "sudah terkirim sebelumnya" in text_of(other)


def test_a_form_beyond_all_measure_is_refused_as_a_page(reader: Reader) -> None:
    answer = reader.report(photos=[bytes(26_000_000)] * 4)
    assert answer.status_code == 413
    assert "Terlalu" in text_of(answer)


def test_evidence_is_shown_where_the_reporter_decides_and_later_among_the_notes(served: Served, reader: Reader) -> None:
    report = served.report().held("jalan")
    photos = develop([Upload(photo())])
    with served.town.works.begin() as work:
        sight = take_as(Token("a", "officer", "jalan"), work, report.code)
        perform(work, sight, Action.RESOLVE, lambda s, a: resolve(s.case, a, reason="fixed"), None, photos=photos)
    page = reader.opened(report.code, report.secret)
    decide = page.text.partition('<section class="box decide">')[2].partition("</section>")[0]
    ((place, alt),) = THUMBNAIL.findall(decide)
    assert alt.startswith("Foto 1 dari 1, ")
    assert len(THUMBNAIL.findall(page.text)) == 1
    assert reader.get(place).status_code == 200
    closed = reader.post(reader.form(page, f"/t/{report.code}/confirm"))
    assert "Bukti penyelesaian" in text_of(closed)
    assert len(THUMBNAIL.findall(closed.text)) == 1
    steps = report.get().json()["history"]
    assert [each["photos"] for each in steps if each["what"] == "ticket.resolved"] == [1]


def test_at_a_desk_it_is_seen_by_whom_the_report_is_for(served: Served, reader: Reader) -> None:
    report = with_photos(served, reader, photo())
    report.held("taman")
    place = f"/t/{report.code}/photo/{report.get(office='taman').json()['attachments'][0]['id']}"
    desk = f"/desk{place}"
    officer = Officer(served, "taman")
    assert officer.get(desk).url.path == "/desk/sign-in"
    officer.sign_in(desk)
    seen = officer.get(desk)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
    assert opened(officer.get(f"{desk}?small").content).size == (320, 240)
    other = Officer(served, "utara")
    other.sign_in(desk)
    assert other.get(desk).status_code == 403
    assert officer.get(place).status_code == 403
