"""What an officer does to a report at a desk, over real HTTP with a browser without JavaScript."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.tickets.pages.desk.steps import FAR, at, does, held, offered
from tests.integration.tickets.pages.reader import text_of

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
ASSIGNING = ("coordinator:asisten", held, "assign", False)


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


def test_a_form_without_its_version_or_for_no_act_is_refused(served):
    report = held(served)
    officer, page = at(served, "taman", report)
    form = officer.form(page, f"/desk/t/{report.code}/resolve")
    form.fields["version"] = "x"
    assert officer.post(form, reason="fixed").status_code == 400
    form.action = f"/desk/t/{report.code}/vanish"
    assert officer.post(form).status_code == 404
    assert served.town.case(report.code).status == "held"
