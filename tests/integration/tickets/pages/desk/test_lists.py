"""An officer's desk over real HTTP: its lists, their counts, the search, and accepting several at once."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

from services.tickets.pages.desk.lists import LIMIT
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import text_of

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def word() -> str:
    """A word that no other report has."""
    return secrets.token_hex(6)


def codes(page):
    return list(dict.fromkeys(re.findall(r'class="go" href="/desk/t/(CTH-[0-9A-Z]{4}-[0-9A-Z]{3})"', page.text)))


def counts(page):
    return dict(re.findall(r'<a href="/desk\?list=(\w+)[^>]*>[^<]*<b[^>]*>(\d+\+?)</b>', page.text))


def test_each_list_has_its_reports_and_every_tab_its_number(served):
    mark = word()
    offered = served.report(text=f"{mark} satu").offered("hulu", resolve_by=FAR)
    held = served.report(text=f"{mark} dua").held("hulu", resolve_by=FAR)
    late = served.report(text=f"{mark} tiga").held("hulu", resolve_by=FAR - timedelta(days=365 * 90))
    waiting = served.report(text=f"{mark} empat").held("hulu", resolve_by=FAR)
    assert waiting.post("handoffs", "hulu", receiver="hilir", reason="other-place").is_success
    guarded = served.report(text=f"{mark} lima").held("hulu", resolve_by=FAR)
    assert guarded.post("handoffs", "hulu", receiver="hilir", reason="other-place").is_success
    guarded.held("hilir")
    referred = served.report(text=f"{mark} enam", consent=["text"]).held("hulu", resolve_by=FAR)
    assert referred.post("referrals", "hulu", agency="wasit").is_success
    officer = Officer(served, "hulu")
    officer.sign_in()
    seen = {
        name: officer.get(f"/desk?list={name}&q={mark}")
        for name in ("offered", "held", "overdue", "waiting", "guarded")
    }
    assert {name: set(codes(page)) for name, page in seen.items()} == {
        "offered": {offered.code},
        "held": {held.code, late.code, waiting.code, referred.code},
        "overdue": {late.code},
        "waiting": {waiting.code, referred.code},
        "guarded": {guarded.code},
    }
    for page in seen.values():
        assert counts(page) == {"offered": "1", "held": "4", "overdue": "1", "waiting": "2", "guarded": "1"}
        assert mark in page.text
    assert "lewat" in text_of(seen["overdue"])
    assert "keputusan tujuan" in text_of(seen["waiting"])
    assert "instansi luar" in text_of(seen["waiting"])
    empty = officer.get(f"/desk?list=held&q={word()}")
    assert "Tidak ada yang cocok" in text_of(empty)


def test_a_list_goes_on_over_pages_and_keeps_its_search_in_the_address(served):
    mark = word()
    every = {served.report(text=f"{mark} {n}", category="lubang").held("hilir").code for n in range(LIMIT + 2)}
    other = served.report(text=mark, category="banjir").held("hilir").code
    officer = Officer(served, "hilir")
    page = officer.sign_in(f"/desk?list=held&q={mark}&category=lubang")
    first = codes(page)
    assert len(first) == LIMIT
    more = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert more
    rest = officer.get(more[1].replace("&amp;", "&"))
    assert set(first) | set(codes(rest)) == every
    assert other not in codes(rest)
    assert codes(officer.get(f"/desk?list=held&q={mark}&category=banjir")) == [other]
    assert codes(officer.get(f"/desk?list=held&q={mark}&cursor=nonsense")), "a bookmark of old begins anew"


def test_a_whole_code_leads_to_its_report(served):
    report = served.report().held("hulu")
    officer = Officer(served, "auditor")
    page = officer.sign_in(f"/desk?q={report.code.lower().replace('-', '')}")
    assert page.url.path == f"/desk/t/{report.code}"


def test_who_has_no_office_has_no_lists_but_the_search(served):
    officer = Officer(served, "auditor")
    page = officer.sign_in("/desk")
    assert page.status_code == 403
    assert "Ketik kode laporan" in text_of(page)
    assert 'name="q"' in page.text
    assert officer.get("/desk/events").status_code == 403


def test_what_waits_for_a_coordinator_is_for_coordinators(served):
    officer, coordinator = Officer(served, "utara"), Officer(served, "coordinator:utara")
    assert officer.sign_in("/desk?list=convened").status_code == 403
    assert coordinator.sign_in("/desk?list=convened").status_code == 200


def test_several_are_accepted_each_by_itself(served):
    mark = word()
    reports = [served.report(text=f"{mark} {n}").offered("taman") for n in range(3)]
    officer = Officer(served, "taman")
    page = officer.sign_in(f"/desk?list=offered&q={mark}")
    form = officer.form(page, "/desk/accept")
    ticks = dict(re.findall(r'type="checkbox" name="(take\.[^"]+)" value="(\d+)"', page.text))
    assert ticks.keys() == {f"take.{each.code}" for each in reports}
    gone = reports[1]
    assert gone.post("refuse", "taman", right_office="jalan", reason="not-our-task").is_success
    answer = officer.post(form, **ticks)
    assert answer.status_code == 200
    said = text_of(answer)
    assert "2 dari 3 diterima" in said
    assert f"{gone.code} Tidak diterima. Laporan ini tidak (lagi) ditawarkan" in said
    assert [served.town.case(each.code).holder for each in reports] == ["taman", "loket", "taman"]
    assert "Belum ada yang dipilih" in text_of(officer.post(form))
