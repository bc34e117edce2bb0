"""A form becomes a report like all others, or is told what is wrong with it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.tickets.access import tokens
from services.tickets.tables import tickets
from tests.integration.tickets.open311.speaking import (
    BASE,
    FORM,
    faults,
    file,
    get,
    post,
    read,
)


@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_request_is_a_report_like_all_others(served, key, format):
    response = post(served, f"requests.{format}", api_key=key, account_id="akun-7", **FORM)
    assert response.status_code == 200
    if format == "json":
        (filed,) = response.json()
    else:
        root = ElementTree.fromstring(response.content)
        assert root.tag == "service_requests"
        filed = {each.tag: each.text for each in root.find("request")}
    assert filed["service_request_id"].startswith("CTH-")
    assert "token" not in filed
    assert filed["account_id"] == "akun-7"
    case = served.town.case(filed["service_request_id"])
    assert (case.category, case.place, case.status, case.reachable) == ("lubang", "n-1", "requested", True)
    assert [each["data"]["code"] for each in served.town.said("report.accepted")].count(case.code) == 1


def test_its_holder_reads_where_it_is_and_whom_to_ask(served, key):
    report = file(served, key).held("jalan")
    shown = report.get(office="jalan").json()
    assert shown["text"] == FORM["description"]
    assert shown["location"] == {"lat": -7.8166, "long": 112.0114, "address": "Jalan Pasar 5"}
    assert shown["media_url"] == FORM["media_url"]
    assert shown["place"]["code"] == "n-1"
    assert shown["contact"]["name"] == "Budi Santoso"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "est_salah"}, 403, "api_key"),
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "tidak-ada"}, 404, "service_code"),
        ({"long": ""}, 400, "long"),
        ({"lat": "utara"}, 400, "lat"),
        ({"address_id": "antah"}, 400, "address_id"),
        ({"service_code": "warga", "address_id": ""}, 400, "attribute[place]"),
        ({"service_code": "warga", "attribute[place]": "antah"}, 400, "attribute[place]"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"email": "bukan alamat"}, 400, "email"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"first_name": "\x00"}, 400, "not text"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(served, key, changes, status, said):
    before = served.town.names().count("ticket.opened")
    form = {"api_key": key, **FORM, **changes}
    assert said in faults(served.http.post(f"{BASE}/requests.json", data=form), status)
    assert served.town.names().count("ticket.opened") == before


def test_several_errors_are_told_at_once(served, key):
    response = post(served, "requests.json", api_key=key, description="x" * 4001, lat="1")
    told = faults(response, 400)
    assert all(each in told for each in ("service_code", "description", "long"))


def test_an_officers_token_is_no_apps_key(served):
    assert "app" in faults(post(served, "requests.json", api_key=served.token("jalan"), **FORM), 403)


@pytest.mark.parametrize(
    "place", [{"address_string": "Jalan Pasar 5"}, {"address_id": "n-2"}, {"lat": "0", "long": "0"}]
)
def test_one_way_to_say_where_is_enough(served, key, place):
    assert post(served, "requests.json", api_key=key, service_code="lubang", **place).status_code == 200


def test_an_attribute_given_as_a_list_is_read(served, key):
    body = f"api_key={key}&service_code=warga&address_string=x&attribute[place][]=&attribute[place][]=n-2"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    response = served.http.post(f"{BASE}/requests.json", content=body, headers=headers)
    (filed,) = response.json()
    assert served.town.case(filed["service_request_id"]).place == "n-2"


def test_a_token_in_the_header_is_as_good(served, key):
    response = served.http.post(f"{BASE}/requests.json", data=FORM, headers={"Authorization": f"Bearer {key}"})
    assert response.status_code == 200


def test_a_body_that_is_too_large_is_told_in_the_standards_words(served):
    body = b"description=" + b"x" * 70_000
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    faults(served.http.post(f"{BASE}/requests.json", content=body, headers=headers), 413)


@pytest.mark.parametrize("number", [{"service_request_id_ext": "77"}, {"attribute[fixmystreet_id]": "77"}])
def test_the_same_number_of_the_same_app_is_the_same_report(served, key, number):
    first = file(served, key, **number)
    assert file(served, key, **number, description="Sama, ditulis lagi.").code == first.code
    assert file(served, key, service_request_id_ext="78").code != first.code
    assert file(served, served.token(f"app:{uuid.uuid4().hex}"), **number).code != first.code
    with served.town.works.database.read() as connection:
        kept = connection.execute(select(tickets.c.reference).where(tickets.c.code == first.code)).scalar_one()
    assert kept == "77"


def test_a_new_token_of_an_app_goes_on_where_the_old_one_ended(served):
    name = uuid.uuid4().hex
    old, new = served.token(f"app:{name}"), served._token(f"app:{name}")
    assert old != new
    first = file(served, old, service_request_id_ext="9")
    assert file(served, new, service_request_id_ext="9").code == first.code
    assert read(served, first, api_key=new)["description"] == FORM["description"]


def test_an_idempotency_key_is_honoured(served, key):
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    form = {"api_key": key, **FORM}
    first, again = (served.http.post(f"{BASE}/requests.json", data=form, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    other = served.http.post(f"{BASE}/requests.json", data=form | {"description": "Lain."}, headers=headers)
    faults(other, 400)


def test_an_emergency_is_told_to_call(served, key):
    (filed,) = post(served, "requests.json", api_key=key, **FORM | {"service_code": "banjir"}).json()
    assert "112" in filed["service_notice"]


def test_an_id_stands_for_itself_where_a_token_is_asked_for(served, key):
    report = file(served, key)
    assert get(served, f"tokens/{report.code}.json").json() == [
        {"service_request_id": report.code, "token": report.code}
    ]
    faults(get(served, "tokens/tidak-ada.json", 404), 404)


_FIELDS = [*FORM, "account_id", "attribute[place]", "attribute[fixmystreet_id]", "attribute[", "service_request_id_ext"]
_HOSTILE = st.sampled_from(
    ["lubang", "warga", "1", "-7.8", "nan", "1e400", "n-1", "a@b.id", "https://x.id", "<a>&amp;"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=st.dictionaries(st.sampled_from(_FIELDS), _HOSTILE | st.text(max_size=60), max_size=8), xml=st.booleans())
def test_whatever_is_in_a_form_the_answer_is_one_of_the_standards(served, key, form, xml):
    body = urlencode({"api_key": key, **form}, errors="surrogatepass")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = served.http.post(f"{BASE}/requests.{'xml' if xml else 'json'}", content=body, headers=headers)
    assert response.status_code in (200, 400, 404), response.text
    root = ElementTree.fromstring(response.content).tag if xml else type(response.json()).__name__
    assert root in ("errors", "service_requests", "list")


def test_the_name_of_an_app_is_checked_when_its_token_is_issued(served):
    with served.town.works.database.begin() as connection, pytest.raises(ValueError, match="name of an app"):
        tokens.issue(connection, "app", "Not a name", "a test", datetime.now(UTC))
