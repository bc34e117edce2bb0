"""A report's key opens its page to whoever has it, and to nobody else: not to scripts, nor for another report."""

from __future__ import annotations

import re

from tests.integration.tickets.pages.reader import Reader, code_of, resolved, text_of
from tests.integration.tickets.test_erasing import erase


def test_cookies_are_for_no_script_and_a_key_is_for_its_own_report(reader):
    sent = reader.report(follow=False)
    assert sent.status_code == 303
    cookies = sent.headers.get_list("set-cookie")
    (key,) = [each for each in cookies if each.startswith("estafet_key=")]
    code = code_of(reader.get(sent.headers["location"]))
    assert f"Path=/t/{code}" in key
    for each in [*cookies, *reader.http.get("/report?lang=en").headers.get_list("set-cookie")]:
        assert "HttpOnly" in each
        assert "SameSite=Lax" in each
    assert "Max-Age" not in key


def test_with_its_key_a_report_shows_what_nobody_else_sees(served, reader):
    report = served.report().held("jalan")
    public = reader.get(f"/t/{report.code}")
    assert "Bu Sari" not in public.text
    assert "budi@contoh.id" not in public.text
    mine = reader.opened(report.code, report.secret)
    assert "Bu Sari" in mine.text
    assert "budi@contoh.id" in mine.text
    assert "Bu Sari" not in Reader(reader.origin).get(f"/t/{report.code}").text
    left = reader.post(reader.form(mine, "/leave"))
    assert left.url.path == "/"
    assert "Bu Sari" not in reader.get(f"/t/{report.code}").text


def test_a_key_is_read_as_people_type_it_and_shown_as_it_is_written(served, reader):
    report = served.report()
    reader.opened(report.code, report.secret.lower().replace("-", " ").replace("b", "8").replace("o", "0"))
    assert report.secret in reader.get(f"/t/{report.code}/receipt").text


def test_a_wrong_key_is_told_so(served, reader):
    report = served.report()
    page = reader.opened(report.code, "AAAA-" * 5 + "AAAA")
    assert page.status_code == 403
    assert "bukan kunci laporan ini" in text_of(page)
    assert "Bu Sari" in reader.post(reader.form(page, f"/t/{report.code}/open"), secret=report.secret).text


def test_a_confidential_report_is_as_if_it_were_not_but_for_its_key(served, reader):
    report = served.report(category="curang").held("jalan")
    there, gone = reader.get(f"/t/{report.code}"), reader.get("/t/CTH-1111-111")
    same = lambda page, code: re.sub(r'value="[^"]*"', "", page.text.replace(code, ""))  # noqa: E731
    assert there.status_code == gone.status_code == 404
    assert same(there, report.code) == same(gone, code_of(gone))
    for path in ("now", "events", "receipt"):
        assert reader.get(f"/t/{report.code}/{path}").status_code == 404
    wrong = reader.opened(report.code, "AAAA-" * 5 + "AAAA")
    assert (wrong.status_code, wrong.text.count("Jalan")) == (404, 0)
    assert "Bu Sari" in reader.opened(report.code, report.secret).text


def test_after_erasure_a_kept_key_opens_no_more_than_anybody_sees(served, reader):
    reports = [served.report(), served.report(category="curang")]
    for report in reports:
        reader.opened(report.code, report.secret)
        erase(served.town, report.code)
    public, hidden = (reader.get(f"/t/{each.code}") for each in reports)
    assert public.status_code == 200
    assert "Bu Sari" not in public.text
    assert hidden.status_code == 404
    assert reader.get(f"/t/{reports[0].code}/receipt").status_code == 403


def test_without_the_key_nobody_acts(served, reader):
    report = resolved(served)
    form = reader.form(reader.get("/report"), "/report")
    for act in ("note", "confirm", "object", "consent"):
        form.action = f"/t/{report.code}/{act}"
        form.fields |= {"version": str(report.version), "text": "Bukan saya."}
        assert reader.post(form).status_code == 403
    assert served.town.case(report.code).status == "resolved"
