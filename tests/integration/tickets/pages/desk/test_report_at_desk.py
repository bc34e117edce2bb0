"""A report's page at a desk: the acts possible now, what the API shows and no more, in both languages."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.desk.steps import FAR, at, held, offered
from tests.integration.tickets.pages.reader import text_of
from tests.integration.tickets.town import REPORT


def acts_on(page):
    """The acts whose forms stand on a page."""
    found = set(re.findall(r'(?:form)?action="/desk/t/CTH-[^/"]+/([a-z-]+)"', page.text)) - {"check"}
    return found | set(re.findall(r'name="act" value="([a-z]+)"', page.text))


BESIDE = {"note", "hidden-note"}


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
