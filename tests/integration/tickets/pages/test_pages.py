"""The citizen's pages over real HTTP, as a browser without JavaScript meets them: in both languages, and safe."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from services.tickets.pages import files
from tests.integration.tickets.pages.reader import KEY, Reader, code_of, resolved, text_of
from tests.integration.tickets.served import Report

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}{% x %}"


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


def test_other_than_to_browsers_an_unknown_address_is_a_problem(served):
    assert served.http.get("/nowhere").json()["status"] == 404
    assert served.http.post("/", headers={"Accept": "text/html"}).status_code == 405
