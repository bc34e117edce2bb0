"""What an officer does to a report at a desk, over real HTTP with a browser without JavaScript."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.desk.steps import FAR, at, does, held, offered
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.integration.tickets.town import REPORT

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


def acts_on(page):
    """The acts whose forms stand on a page."""
    found = set(re.findall(r'(?:form)?action="/desk/t/CTH-[^/"]+/([a-z-]+)"', page.text)) - {"check"}
    return found | set(re.findall(r'name="act" value="([a-z]+)"', page.text))


BESIDE = {"note", "hidden-note"}


ASSIGNING = ("coordinator:asisten", held, "assign", False)


def test_only_what_is_possible_now_has_a_form(served):
    asked = offered(served)
    assert acts_on(at(served, "hilir", asked)[1]) == {"accept", "refuse"} | BESIDE
    assert acts_on(at(served, "taman", asked)[1]) == {"withdraw", "resolve"} | BESIDE
    assert acts_on(at(served, "coordinator:asisten", asked)[1]) == {"assign"} | BESIDE
    assert acts_on(at(served, "jalan", asked)[1]) == set()
    assert acts_on(at(served, "auditor", asked)[1]) == set()
    mine = held(served, consent=["text"])
    all_of_holder = {"handoff", "convene", "pause", "ask", "resolve", "refer"} | BESIDE
    assert acts_on(at(served, "taman", mine)[1]) == all_of_holder
    assert mine.post("referrals", "taman", agency="wasit").is_success
    assert acts_on(at(served, "taman", mine)[1]) == all_of_holder - {"resolve", "refer"} | {"answer"}
    assert mine.post("convene", "taman", reason="offices-disagree").is_success
    mine.convened("asisten")
    assert mine.post("assign", "coordinator:asisten", receiver="taman", reason="competent-office").is_success
    page = at(served, "taman", mine)[1]
    assert acts_on(page) == {"convene", "pause", "ask", "answer"} | BESIDE
    assert "terikat penugasan Asisten" in text_of(page)
    assert "Rujukan ke instansi luar masih terbuka" in text_of(page)


def test_the_page_shows_all_that_the_api_does_and_no_more(served):
    report = offered(served)
    assert report.post("notes", "taman", text="Cek dulu ke lapangan.", public=False).is_success
    assert report.post("notes", secret=True, text="Depan nomor 7.").is_success
    of_holder, of_asked, of_stranger = (text_of(at(served, whose, report)[1]) for whose in ("taman", "hilir", "jalan"))
    for page in (of_holder, of_asked):
        for said in (REPORT["text"], "Di tepi kali.", "Cek dulu ke lapangan.", "Depan nomor 7.", "Taman", "ditawarkan"):
            assert said in page
    assert "budi@contoh.id" in of_holder
    assert "budi@contoh.id" not in of_asked
    assert "Hanya terlihat oleh kantor yang sedang memegang" in of_asked
    for hidden in (REPORT["text"], "Cek dulu", "Depan nomor 7", "budi@"):
        assert hidden not in of_stranger
    secret = served.report(category="curang").held("taman", resolve_by=FAR)
    page = text_of(at(served, "taman", secret)[1])
    assert "Rahasia" in page
    assert "budi@contoh.id" not in page
    stranger = Officer(served, "jalan")
    missing = stranger.sign_in(f"/desk/t/{secret.code}")
    assert missing.status_code == 404
    assert "Taman" not in text_of(missing)


@pytest.mark.parametrize(
    ("whose", "prepare", "act", "check", "filled", "after"),
    [
        ("hilir", offered, "accept", False, {}, ("held", "hilir")),
        ("hilir", offered, "refuse", True, {"right_office": "jalan", "reason": "not-our-task"}, ("requested", "taman")),
        ("hilir", offered, "refuse", True, {"right_office": "-", "reason": "not-our-task"}, ("requested", "taman")),
        ("taman", offered, "withdraw", False, {}, ("held", "taman")),
        ("taman", held, "handoff", True, {"receiver": "jalan", "reason": "other-place"}, ("requested", "taman")),
        ("taman", held, "handoff", True, {"receiver": "-", "reason": "other-place"}, ("requested", "taman")),
        ("taman", held, "convene", False, {"reason": "offices-disagree", "words": "Beda."}, ("requested", "taman")),
        (*ASSIGNING, {"receiver": "hulu", "reason": "competent-office"}, ("held", "hulu")),
        ("taman", held, "pause", False, {"until": TOMORROW, "reason": "weather"}, ("held", "taman")),
        ("taman", held, "resolve", False, {"reason": "fixed", "words": "Sudah rata."}, ("resolved", "taman")),
        ("taman", held, "note", False, {"text": "Besok kami ke lokasi."}, ("held", "taman")),
        ("taman", held, "hidden-note", False, {"text": "Besok kami ke lokasi."}, ("held", "taman")),
        ("taman", held, "ask", False, {"text": "Nomor berapa?", "until": TOMORROW}, ("held", "taman")),
        ("taman", held, "ask", False, {"text": "Nomor berapa?"}, ("held", "taman")),
    ],
)  # fmt: skip
def test_each_act_is_done_by_its_form(served, whose, prepare, act, check, filled, after):
    report = prepare(served)
    officer, page = at(served, whose, report)
    if act == "note":
        form = officer.form(page, f"/desk/t/{report.code}/hidden-note")
        form.action = f"/desk/t/{report.code}/note"
        answer = officer.post(form, **filled)
    else:
        answer = does(officer, page, report, act, check, **filled)
    assert answer.status_code == 200, text_of(answer)
    assert answer.request.method == "GET", "an answer that can be loaded again"
    assert 'class="notice good"' in answer.text
    case = served.town.case(report.code)
    assert (case.status, case.holder) == after
    if "until" in filled:
        assert case.paused_until
    for words in (filled.get("text"), filled.get("words")):
        assert words is None or words in text_of(answer)
    public = report.get(secret=report.secret).json()["notes"]
    assert [each["text"] for each in public] == ([filled["text"]] if act in ("note", "ask") else [])


def test_an_agency_is_asked_and_its_answer_recorded(served):
    report = held(served, consent=["text"])
    officer, page = at(served, "taman", report)
    said = text_of(page)
    assert "Diberikan: isi laporan." in said
    assert "Tanpa izin pelapor untuk: nama, kontak." in said
    page = does(officer, page, report, "refer", agency="wasit")
    assert "Dirujuk" in text_of(page)
    page = does(officer, page, report, "answer", outcome="received", receipt="W-17")
    assert "W-17" in text_of(page)
    page = does(officer, page, report, "answer", outcome="settled", words="Sudah diblokir.")
    assert "Sudah diblokir." in text_of(page)
    assert served.town.case(report.code).referrals_open == 0


def test_what_would_come_of_it_is_said_before_it_is_sent(served):
    report = served.report().held("hulu", resolve_by=FAR)
    assert report.post("handoffs", "hulu", receiver="hilir", reason="other-place").is_success
    report.held("hilir", resolve_by=FAR)
    officer, page = at(served, "hilir", report)
    groups = {
        label: re.findall(r'<option value="([^"]+)"', options)
        for label, options in re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page.text, re.DOTALL)
    }
    assert set(groups["Langsung diminta"]) == {"jalan", "taman", "utara"}
    assert groups["Lewat koordinator"] == ["hulu"]
    assert groups["Dicarikan"] == ["-"]
    form = officer.forms(page, f"/desk/t/{report.code}/check")[0]
    looked = officer.post(form, receiver="hulu", reason="other-place", words="Rumahnya di hulu.")
    said = text_of(looked)
    assert "Hulu sudah pernah menolak, melepas, atau tidak menjawab laporan ini." in said
    assert "Laporan dibawa ke Utara" in said
    assert "Rumahnya di hulu." in said
    assert served.town.case(report.code).status == "held", "looking changes nothing"
    changed = officer.post(officer.forms(looked, f"/desk/t/{report.code}/check")[0])
    assert "Rumahnya di hulu." in changed.text, "whoever wants to change it finds it as it was"
    wrong = officer.post(form, receiver="", reason="", words="Rumahnya di hulu.")
    assert wrong.status_code == 422
    assert "Pilih kantor tujuannya." in text_of(wrong)
    assert "Pilih salah satu alasan." in text_of(wrong)
    assert "Rumahnya di hulu." in wrong.text
    impossible = officer.post(form, receiver="asisten", reason="other-place")
    assert "Tidak dapat dikirim" in text_of(impossible)
    assert f"/desk/t/{report.code}/handoff" not in impossible.text


def test_two_officers_accept_at_once_and_one_reads_who_has_it_now(served):
    report = offered(served)
    desks = [at(served, "hilir", report) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda desk: does(*desk, report, "accept", follow=False), desks))
    won, lost = sorted(answers, key=lambda each: each.status_code)
    assert (won.status_code, lost.status_code) == (303, 409)
    said = text_of(lost)
    assert "laporan sudah berubah" in said
    assert "Dipegang Hilir sejak" in said
    case = served.town.case(report.code)
    assert (case.holder, case.hops) == ("hilir", 1)
    assert "/accept" not in lost.text.replace("/desk/accept", "")


def test_whoever_comes_too_late_keeps_the_words(served):
    report = offered(served)
    officer, page = at(served, "hilir", report)
    form = next(each for each in officer.forms(page, f"/desk/t/{report.code}/check") if each.fields["act"] == "refuse")
    assert report.post("assign", "coordinator:asisten", receiver="hulu", reason="competent-office").is_success
    late = officer.post(form, right_office="jalan", reason="other-place", words="Itu jalan provinsi.")
    assert late.status_code == 409
    assert "tidak (lagi) ditawarkan" in text_of(late)
    assert "Dipegang Hulu sejak" in text_of(late)
    assert "Itu jalan provinsi." in late.text, "what they wrote themselves is still there to copy"
    assert REPORT["text"] not in late.text, "but the report is not on this desk any more"
    mine = held(served)
    officer, page = at(served, "taman", mine)
    assert mine.post("pause", "taman", reason="weather", until=FAR.replace(year=2099).isoformat()).is_success
    assert mine.post("handoffs", "taman", receiver="hulu", reason="other-place").is_success
    late = does(officer, page, mine, "resolve", reason="fixed", words="Sudah rata.")
    assert late.status_code == 409
    assert "tulisan Anda masih ada" in text_of(late)
    assert "Sudah rata." in late.text
    sent = does(officer, late, mine, "resolve", reason="fixed", words="Sudah rata.")
    assert "Dinyatakan selesai" in text_of(sent), "looked at again, it can be sent from there"
    late = does(officer, page, mine, "convene", reason="new-facts", words="Ada sertifikat.")
    assert late.status_code == 409
    assert "Yang Anda tulis" in text_of(late), "it is not possible any more: the words can be copied"
    assert "Ada sertifikat." in late.text


def test_words_written_before_the_session_ended_arrive_after_signing_in_again(served):
    report = held(served)
    officer, page = at(served, "taman", report)
    form = next(each for each in officer.forms(page, f"/desk/t/{report.code}/check") if each.fields["act"] == "handoff")
    officer.http.cookies.delete("estafet_seat", path="/desk")
    stopped = officer.post(form, receiver="hulu", reason="other-place", words="Batasnya\ndi kali kecil.")
    assert stopped.status_code == 403
    again = officer.post(officer.form(stopped, "/desk/sign-in"), name=officer.name, password=officer.password)
    assert "Batasnya" in text_of(again)
    looked = officer.post(officer.form(again, f"/desk/t/{report.code}/check"))
    assert "Hulu langsung diminta" in text_of(looked)
    sent = officer.post(officer.form(looked, f"/desk/t/{report.code}/handoff"))
    assert "Permintaan dikirim" in text_of(sent)
    case = served.town.case(report.code)
    assert (case.pending.receiver, case.pending.words) == ("hulu", "Batasnya\ndi kali kecil.")


def test_what_was_ticked_before_the_session_ended_is_kept_too(served):
    report = served.report().offered("utara")
    officer = Officer(served, "utara")
    page = officer.sign_in(f"/desk?q={report.code[:8]}")
    form = officer.form(page, "/desk/accept")
    officer.http.cookies.delete("estafet_seat", path="/desk")
    stopped = officer.post(form, **{f"take.{report.code}": str(report.version)})
    again = officer.post(officer.form(stopped, "/desk/sign-in"), name=officer.name, password=officer.password)
    assert "1 dari 1 diterima" in text_of(officer.post(officer.form(again, "/desk/accept")))


def test_a_form_without_its_version_or_for_no_act_is_refused(served):
    report = held(served)
    officer, page = at(served, "taman", report)
    form = officer.form(page, f"/desk/t/{report.code}/resolve")
    form.fields["version"] = "x"
    assert officer.post(form, reason="fixed").status_code == 400
    form.action = f"/desk/t/{report.code}/vanish"
    assert officer.post(form).status_code == 404
    assert served.town.case(report.code).status == "held"


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_of_a_desk_speaks_both_languages_and_is_sent_safely(served, language):
    report = held(served, text="<script>alert(1)</script>\"'><b>{{7*7}}", consent=["text"])
    officer, page = at(served, "taman", report, language)
    form = officer.forms(page, f"/desk/t/{report.code}/check")[0]
    pages = [
        page,
        officer.get("/desk"),
        officer.get(f"/desk?list=held&q={report.code[:8]}"),
        officer.post(form, receiver="hulu", reason="other-place", words="<i>{{1}}"),
        officer.post(form, receiver="", reason=""),
        officer.get("/desk/t/CTH-1111-111"),
        officer.post(officer.form(officer.get("/desk"), "/desk/accept")),
    ]
    assert [each.status_code for each in pages] == [200, 200, 200, 200, 422, 404, 200]
    for each in pages:
        assert f'<html lang="{language}">' in each.text
        assert each.headers["cache-control"] == "no-store"
        assert "unsafe" not in each.headers["content-security-policy"]
        bare = re.sub(r"<style>.*?</style>", "", each.text, flags=re.DOTALL)
        assert not re.search(r"\son\w+=|\sstyle=|javascript:|<script>alert|<b>\{", bare)
        said = re.sub(r"\{\{\d(\*\d)?\}\}", "", unescape(text_of(each)))
        assert "{" not in said, "a word whose gap nobody filled"
        assert len(each.content) < 60_000


def test_a_note_that_is_sent_twice_is_one(served):
    report = held(served)
    officer, page = at(served, "taman", report)
    for act in ("note", "hidden-note"):
        form = replace(officer.form(page, f"/desk/t/{report.code}/hidden-note"), action=f"/desk/t/{report.code}/{act}")
        with ThreadPoolExecutor(2) as pool:
            sent = list(pool.map(lambda _, form=form: officer.post(form, text="Besok kami ke sana."), range(2)))
        assert [each.status_code for each in sent] == [200, 200]
        assert all("Besok kami ke sana." in text_of(each) for each in sent)
    reporter = Reader(str(served.http.base_url))
    form = reporter.form(reporter.opened(report.code, report.secret), f"/t/{report.code}/note")
    for text in ("Besok kami ke sana.", "Sudah datang?", "Sudah datang?"):
        assert reporter.post(form, text=text).status_code == 200
    stranger = Reader(str(served.http.base_url))
    theirs = stranger.form(stranger.get(f"/t/{report.code}"), f"/t/{report.code}/open")
    guess = stranger.post(replace(theirs, action=form.action), text="Sudah datang?")
    assert guess.is_client_error, "whether something was written is told to nobody else"
    notes = report.get(office="taman").json()["notes"]
    assert [(each["office"], each["public"], each["text"]) for each in notes] == [
        ("taman", True, "Besok kami ke sana."),
        ("taman", False, "Besok kami ke sana."),
        (None, True, "Besok kami ke sana."),
        (None, True, "Sudah datang?"),
    ]
