"""The citizen's pages over real HTTP, as a browser without JavaScript meets them."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from services.tickets.pages import files
from tests.integration.tickets.pages.reader import KEY, Reader, code_of, text_of
from tests.integration.tickets.served import Report, Served
from tests.integration.tickets.test_erasing import erase

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}{% x %}"


@pytest.fixture
def reader(served: Served) -> Reader:
    return Reader(str(served.http.base_url))


def resolved(served: Served) -> Report:
    """Handed on, refused twice, convened, assigned, resolved."""
    report = served.report().held("jalan")
    assert report.post("handoffs", "jalan", receiver="taman", reason="not-our-task", words="Ini taman.").is_success
    report.offered("taman")
    assert report.post("refuse", "taman", right_office="hulu", reason="other-place", words="Di luar pagar.").is_success
    report.offered("hulu")
    assert report.post("refuse", "hulu", right_office=None, reason="not-our-task").is_success
    report.convened()
    assert report.post("assign", "coordinator:asisten", receiver="taman", reason="competent-office").is_success
    assert report.post("resolve", "taman", reason="fixed", words="Sudah rata.").is_success
    return report


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_speaks_both_languages_and_is_sent_safely(served, language):
    reader = Reader(str(served.http.base_url), language)
    report = resolved(served)
    receipt = reader.report()
    pages = [
        reader.get("/"),
        reader.get("/report"),
        receipt,
        reader.get(f"/t/{report.code}"),
        reader.opened(report.code, report.secret),
        reader.get(f"/t/{report.code}/now"),
        reader.get("/t/CTH-1111-111"),
        reader.get("/nowhere"),
        reader.get("/t/x"),
    ]
    for page in pages:
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.text.count("<style") == page.text.count("<html"), "the one that the policy names"
        bare = re.sub(r"<style>.*?</style>", "", page.text, flags=re.DOTALL)
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", bare)
        assert all(link.startswith(("/", "#", "tel:", "http://127.0.0.1")) for link in _links(page))
        assert "{" not in text_of(page), "a word whose gap nobody filled"
        if "<html" in page.text:
            assert f'<html lang="{language}">' in page.text
            assert len(page.content) < 40_000
    assert [page.status_code for page in pages] == [200, 200, 200, 200, 200, 200, 404, 404, 400]


def _links(page: httpx.Response) -> list[str]:
    return [unescape(each) for each in re.findall(r'(?:href|src|action)="([^"]*)"', page.text)]


def test_what_pages_load_is_kept_by_browsers_and_compressed(reader):
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', reader.get("/").text)
    assert len(loaded) == 2
    for path in loaded:
        answer = reader.http.get(path)
        assert answer.is_success
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        plain = reader.http.get(path, headers={"Accept-Encoding": "identity"})
        assert plain.content == answer.content
        assert "content-encoding" not in plain.headers
    assert reader.get("/static/pages.000000000000.js").status_code == 404
    assert max(len(files.style(each)) for each in files.SHEETS) < 15_000


def test_a_report_by_page_is_a_report_with_its_receipt(served, reader):
    receipt = reader.report(
        text="Lubang\r\nbesar.", email="ani@contoh.id", name="Ani", address="Depan pasar", place="n-1", consent=["text"]
    )
    assert receipt.url.path.endswith("/receipt")
    code, key = code_of(receipt), KEY.search(receipt.text)[0]
    assert 'class="qr"' in receipt.text
    assert f"{code}#{key}" in receipt.text
    view = served.http.get(f"/api/v1/tickets/{code}", headers={"Estafet-Secret": key}).json()
    assert (view["text"], view["place"]["code"]) == ("Lubang\nbesar.", "n-1")
    left = {"name": "Ani", "email": "ani@contoh.id", "phone": None, "telegram": None}
    assert view["contact"] == {**left, "locale": "id"}
    assert (view["consent"], view["location"]["address"]) == (["text"], "Depan pasar")


@pytest.mark.parametrize(("category", "named"), [("curang", ["jalan"]), ("lubang", [])])
def test_the_office_a_confidential_report_is_about_is_kept_off_its_route(served, reader, category, named):
    receipt = reader.report(category=category, named="jalan")
    assert list(served.town.case(code_of(receipt)).named) == named


def test_the_same_form_sent_again_is_one_report_and_with_another_text_is_asked_about(reader):
    form = reader.form(reader.get("/report"), "/report")
    filled = {"category": "lubang", "text": "Satu kali."}
    first, again = (reader.post(form, **filled) for _ in range(2))
    assert code_of(first) == code_of(again)
    assert KEY.search(first.text)[0] == KEY.search(again.text)[0]
    other = reader.post(form, **{**filled, "text": "Lain lagi."})
    assert other.status_code == 422
    assert "sudah terkirim sebelumnya" in text_of(other)
    sent = reader.post(reader.form(other, "/report"), **{**filled, "text": "Lain lagi."})
    assert code_of(sent) != code_of(first)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"category": ""}, "category"),
        ({"category": "tidak-ada"}, "category"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"category": "warga"}, "place"),
        ({"place": "n-9"}, "place"),
        ({"email": "ani@"}, "email"),
        ({"phone": "telepon saja"}, "phone"),
        ({"name": "x" * 121}, "name"),
        ({"address": "dua\nbaris"}, "address"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(reader, wrong, field):
    page = reader.report(**{"email": "ani@contoh.id", "name": "Ani", **wrong})
    assert page.status_code == 422
    assert re.findall(r'id="(\w+)-fault"', page.text) == [field]
    assert f'aria-describedby="{field}-fault' in page.text
    filled = reader.form(page, "/report").fields
    assert filled["name"] == wrong.get("name", "Ani")


def test_hostile_text_stays_text(served, reader):
    receipt = reader.report(text=HOSTILE, name=HOSTILE, address=HOSTILE)
    code = code_of(receipt)
    report = Report(served, code, KEY.search(receipt.text)[0]).held("jalan")
    assert report.post("handoffs", "jalan", receiver="taman", reason="not-our-task", words=HOSTILE).is_success
    assert report.post("notes", "jalan", text=HOSTILE).is_success
    for page in (receipt, reader.get(f"/t/{code}"), reader.get(f"/t/{code}/now")):
        assert "<img" not in page.text
        assert "<script>" not in page.text
    shown = unescape(reader.get(f"/t/{code}").text)
    assert shown.count(HOSTILE) == 5
    wrong = reader.report(text=HOSTILE, email=HOSTILE)
    assert wrong.status_code == 422
    assert "<img" not in wrong.text
    assert "<img" not in reader.http.get("/", params={"code": HOSTILE}).text
    assert "<img" not in reader.http.get(f"/t/{'%3Cimg%20src=x%3E'}").text


def test_forms_of_other_pages_are_not_taken(served, reader):
    form = reader.form(reader.get("/report"), "/report")
    filled = {**form.fields, "category": "lubang", "text": "Dari tempat lain."}
    stranger = httpx.Client(base_url=reader.origin)
    for http, headers, data in [
        (reader.http, {"Origin": "https://jahat.example"}, filled),
        (reader.http, {"Sec-Fetch-Site": "cross-site"}, filled),
        (reader.http, {}, {**filled, "proof": ""}),
        (stranger, {"Origin": reader.origin}, filled),
    ]:
        answer = http.post("/report", data=data, headers=headers)
        assert answer.status_code == 403
        assert "Formulir kedaluwarsa" in answer.text
    assert reader.http.post("/report", json={}).status_code == 400
    big = reader.http.post("/report", data={**filled, "text": "x" * 70_000})
    assert (big.status_code, "Terlalu panjang" in big.text) == (413, True)


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


def test_codes_are_read_as_people_type_them(served, reader):
    code = served.report().code
    for typed in (code.lower(), code.replace("-", ""), code.removeprefix("CTH-"), f" {code} ", code.replace("1", "I")):
        assert reader.http.get("/", params={"code": typed}).headers["location"] == f"/t/{code}"
        assert reader.get(f"/t/{typed.strip()}").url.path == f"/t/{code}"
    other = "2" if code[-1] != "2" else "3"
    mistyped = reader.http.get("/", params={"code": code[:-1] + other})
    assert mistyped.status_code == 400
    assert "huruf pemeriksanya tidak cocok" in mistyped.text
    assert "tidak pernah memakai" in reader.http.get("/", params={"code": "CTH-O111-111"}).text
    assert "7 huruf atau angka" in reader.http.get("/", params={"code": "CTH-1"}).text


def test_a_reporter_replies_objects_and_confirms(served, reader):
    report = resolved(served)
    page = reader.opened(report.code, report.secret)
    line = text_of(page)
    for said in ("Ini taman.", "Di luar pagar.", "Sudah rata.", "Menolak", "Koordinator memutuskan", "Giliran Anda"):
        assert said in line
    replied = reader.post(reader.form(page, f"/t/{report.code}/note"), text="Masih becek.")
    assert "Pesan Anda terkirim" in replied.text
    assert "Masih becek." in replied.text
    objected = reader.post(reader.form(replied, f"/t/{report.code}/object"), words="Belum rata.")
    assert "dibuka kembali" in objected.text
    assert served.town.case(report.code).status == "held"
    assert report.post("resolve", "taman", reason="fixed").is_success
    page = reader.get(f"/t/{report.code}")
    confirmed = reader.post(reader.form(page, f"/t/{report.code}/confirm"))
    assert "Laporan ditutup" in confirmed.text
    assert served.town.case(report.code).status == "closed"


def test_who_decided_on_another_state_is_told_to_look_again(served, reader):
    report = resolved(served)
    page = reader.opened(report.code, report.secret)
    assert report.post("object", secret=True).is_success
    late = reader.post(reader.form(page, f"/t/{report.code}/confirm"))
    assert late.status_code == 409
    assert "Laporan sudah berubah" in late.text
    forged = reader.form(page, f"/t/{report.code}/confirm")
    forged.fields["version"] = str(report.version)
    assert reader.post(forged).status_code == 409
    assert served.town.case(report.code).status == "held"


def test_a_reporter_sees_what_an_agency_is_given_and_decides_on_it(served, reader):
    report = served.report(category="investasi", consent=["place"])
    report.held("jalan", refer="wasit")
    page = reader.opened(report.code, report.secret)
    assert "membutuhkan isi laporan, nama dan kontak." in text_of(page)
    assert "Instansi di luar kota" not in served.http.get(f"/t/{report.code}").text
    form = reader.form(page, f"/t/{report.code}/consent")
    assert form.fields["consent"] == "place", "what was allowed before is ticked"
    form.fields.pop("consent")
    kept = reader.post(form, consent=["text", "name"])
    assert "Izin Anda tersimpan" in kept.text
    assert "sudah diberi isi laporan dan nama." in text_of(kept)
    case = served.town.case(report.code)
    assert (case.consent, case.referrals[0].shared) == (("text", "name"), ("text", "name"))
    form = reader.form(kept, f"/t/{report.code}/consent")
    form.fields.pop("consent")
    assert "sudah diberi isi laporan dan nama." in text_of(reader.post(form)), "what was given is not taken back"
    assert served.town.case(report.code).consent == ()
    form.fields["consent"] = "everything"
    assert reader.post(form).status_code == 422


def test_a_report_that_no_agency_is_asked_about_speaks_of_none(served, reader):
    report = served.report().held("jalan")
    assert "/consent" not in reader.opened(report.code, report.secret).text


def test_without_the_key_nobody_acts(served, reader):
    report = resolved(served)
    form = reader.form(reader.get("/report"), "/report")
    for act in ("note", "confirm", "object", "consent"):
        form.action = f"/t/{report.code}/{act}"
        form.fields |= {"version": str(report.version), "text": "Bukan saya."}
        assert reader.post(form).status_code == 403
    assert served.town.case(report.code).status == "resolved"


def test_other_than_to_browsers_an_unknown_address_is_a_problem(served):
    assert served.http.get("/nowhere").json()["status"] == 404
    assert served.http.post("/", headers={"Accept": "text/html"}).status_code == 405
