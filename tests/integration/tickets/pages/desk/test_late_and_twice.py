"""An act that comes too late, twice, or after the session ended is done once, and no word of it is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.desk.steps import FAR, at, does, held, offered
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.integration.tickets.town import REPORT


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
