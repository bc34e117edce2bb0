"""The form of a report: what is sent by it is a report once, and nothing typed is lost when something is wrong."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.integration.tickets.pages.reader import KEY, code_of, text_of


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
