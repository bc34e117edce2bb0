"""A coordinator's decision by page: what they see, what becomes of it, and what whoever is slower is told."""

from __future__ import annotations

import re

import pytest

from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import THUMBNAIL, Reader, text_of
from tests.integration.tickets.served import Report, Served
from tests.support.pictures import photo


@pytest.fixture
def coordinator(served: Served) -> Officer:
    officer = Officer(served, "coordinator:asisten")
    officer.sign_in("/desk/convened")
    return officer


def bounced(served: Served, **changes) -> Report:
    """jalan holds it and asked taman, which says it is utara's; utara says it is taman's."""
    report = served.report(**changes).held("jalan")
    report.post("handoffs", "jalan", receiver="taman", reason="needs-other-office", words="Pohonnya juga.")
    report.offered("taman")
    report.post("refuse", "taman", right_office="utara", reason="not-our-task", words="Pohon itu di luar taman.")
    report.offered("utara")
    report.post("refuse", "utara", right_office="taman", reason="other-place", words="Itu tepi taman.")
    report.post("notes", "jalan", text="Sudah dipotret.", public=False)
    return report.convened("asisten")


def decide(officer: Officer, report: Report, **filled):
    page = officer.get(f"/desk/convened?code={report.code}")
    form = officer.form(page, f"/desk/convened/{report.code}/assign")
    del form.fields["reason"]
    return officer.post(form, **{"reason": "competent-office", **filled})


def test_both_offices_reasons_stand_side_by_side_with_what_the_citizen_says(served, coordinator):
    report = bounced(served)
    page = coordinator.get(f"/desk/convened?code={report.code}")
    sides = re.findall(r'<li class="side (\w+)">(.*?)</li>', page.text, re.DOTALL)
    assert [mark for mark, _ in sides] == ["holder", "refused", "refused"]
    holder, first, second = (each for _, each in sides)
    assert all(each in holder for each in ("Jalan", "Pohonnya juga.", "Sudah dipotret."))
    assert all(each in first for each in ("Taman", "Pohon itu di luar taman.", "Bukan kewenangan kantor ini."))
    assert all(each in second for each in ("Utara", "Itu tepi taman."))
    assert "Dua kali ditolak." in text_of(page)
    assert "Lubang besar di depan pasar" in text_of(page)
    assert "Budi" not in page.text


def test_one_press_assigns_it_and_the_next_is_shown(served, coordinator):
    report, other = bounced(served), bounced(served)
    answer = decide(coordinator, report, receiver="taman", words="Terdaftar sejak 2019.")
    assert answer.status_code == 200
    assert f"{report.code} ditugaskan kepada Taman" in text_of(answer)
    case = served.town.case(report.code)
    assert (case.status, case.holder, case.bound_by) == ("held", "taman", "asisten")
    said = served.town.said("ticket.assigned")[-1]["data"]
    assert (said["reason"], said["words"]) == ("competent-office", "Terdaftar sejak 2019.")
    assert "/assign" in answer.text
    assert f"/desk/convened?code={report.code}" not in answer.text
    assert decide(coordinator, other, receiver="", other="hulu").status_code == 200
    assert served.town.case(other.code).holder == "hulu"


def test_what_was_returned_comes_with_its_new_facts(served, coordinator):
    report = bounced(served)
    decide(coordinator, report, receiver="taman")
    report.post("convene", "taman", reason="new-facts", words="Tanahnya milik provinsi.")
    page = text_of(coordinator.get(f"/desk/convened?code={report.code}"))
    assert "Dikembalikan kepada Anda dengan fakta baru" in page
    assert "Taman mengembalikannya: Ada fakta baru. Tanahnya milik provinsi." in page


def test_who_was_slower_is_told_who_has_it(served, coordinator):
    report = bounced(served)
    page = coordinator.get(f"/desk/convened?code={report.code}")
    above = Officer(served, "coordinator:bupati")
    above.sign_in("/desk/convened")
    assert decide(above, report, receiver="hulu").status_code == 200
    form = coordinator.form(page, f"/desk/convened/{report.code}/assign")
    answer = coordinator.post(form, receiver="taman", reason="competent-office")
    assert answer.status_code == 409
    assert f"{report.code} sudah diputuskan sementara itu" in text_of(answer)
    assert "Sekarang dipegang Hulu." in text_of(answer)
    assert served.town.case(report.code).holder == "hulu"


def test_what_changed_meanwhile_is_looked_at_again_with_what_was_written(served, coordinator):
    report = bounced(served)
    page = coordinator.get(f"/desk/convened?code={report.code}")
    decide(coordinator, report, receiver="taman")
    report.post("convene", "taman", reason="new-facts")
    form = coordinator.form(page, f"/desk/convened/{report.code}/assign")
    answer = coordinator.post(form, receiver="utara", reason="new-facts", words="Ini tepi jalan.")
    assert answer.status_code == 409
    assert "Laporan berubah sejak halaman ini dibuka" in text_of(answer)
    assert "Ini tepi jalan.</textarea>" in answer.text
    assert served.town.case(report.code).status == "convened"


@pytest.mark.parametrize(
    ("filled", "said"),
    [({"receiver": "", "other": ""}, "Pilih kantor"), ({"receiver": "taman", "other": "hulu"}, "Pilih satu saja")],
)
def test_no_office_or_two_is_asked_again_and_nothing_is_lost(served, coordinator, filled, said):
    report = bounced(served)
    answer = decide(coordinator, report, words="Sudah ditulis.", **filled)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Sudah ditulis.</textarea>" in answer.text
    assert served.town.case(report.code).status == "convened"


def test_an_office_named_in_the_report_is_offered_to_nobody(served, coordinator):
    report = bounced(served, named=["hulu"])
    page = coordinator.get(f"/desk/convened?code={report.code}")
    assert 'value="hilir"' in page.text
    assert 'value="hulu"' not in page.text


def test_a_decision_after_the_session_ended_is_kept_and_shown_again(served, coordinator):
    report = bounced(served)
    page = coordinator.get(f"/desk/convened?code={report.code}")
    form = coordinator.form(page, f"/desk/convened/{report.code}/assign")
    coordinator.http.cookies.delete("estafet_seat", path="/desk")
    answer = coordinator.post(form, receiver="taman", reason="competent-office", words="Tetap disimpan.")
    assert answer.status_code == 403
    again = coordinator.post(
        coordinator.form(answer, "/desk/sign-in"), name=coordinator.name, password=coordinator.password
    )
    assert "Tetap disimpan." in text_of(again)
    done = coordinator.post(coordinator.form(again, f"/desk/convened/{report.code}/assign"))
    assert f"{report.code} ditugaskan kepada Taman" in text_of(done)


def test_a_strange_code_is_answered_as_what_it_is(served, coordinator):
    mistyped = coordinator.get("/desk/convened?code=CTH-1111-112")
    assert mistyped.status_code == 400
    held = served.report().held("jalan")
    page = coordinator.get(f"/desk/convened?code={held.code}")
    assert f"{held.code} tidak lagi menunggu: dipegang Jalan." in text_of(page)


def test_the_citizens_photos_stand_beside_their_words_and_the_whole_report_is_a_click_away(served, coordinator):
    report, other = bounced(served), bounced(served)
    reader = Reader(str(served.http.base_url))
    page = reader.opened(report.code, report.secret)
    reader.post(reader.form(page, f"/t/{report.code}/note"), text="Lihat ini.", photos=[photo(), photo()])
    page = coordinator.get(f"/desk/convened?code={report.code}")
    shown = THUMBNAIL.findall(page.text.partition('class="citizen"')[2].partition("</section>")[0])
    assert len(shown) == 2
    assert coordinator.get(f"{shown[0][0]}?small").headers["content-type"] == "image/jpeg"
    for each in (report, other):
        assert f'href="/desk/t/{each.code}"' in page.text
    assert "Lihat ini." in text_of(coordinator.get(f"/desk/t/{report.code}"))
