"""An office's desk, the directory and the description of it all."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from openapi_spec_validator import validate

from estafet.web import endpoints_of
from estafet.web.dialect import OURS
from estafet.web.probes import describe
from services.tickets.service import Tickets
from tests.integration.tickets.served import problem

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def desk(served, office, **query):
    response = served.http.get("/api/v1/desk", params=query, headers=served.headers(office))
    assert response.status_code == 200, response.text
    return response.json()


def codes_on(served, office, **query):
    return [each["code"] for each in desk(served, office, **query)["items"]]


def word():
    """A word that no other report has."""
    return secrets.token_hex(6)


def test_the_lists_of_a_desk(served):
    mark = word()
    offered = served.report(text=f"{mark} satu").offered("hulu", resolve_by=FAR)
    held = served.report(text=f"{mark} dua").held("hulu", resolve_by=FAR)
    late = served.report(text=f"{mark} tiga").held("hulu", resolve_by=FAR - timedelta(days=365 * 90))
    on = lambda which, office="hulu": codes_on(served, office, list=which, q=mark)  # noqa: E731
    assert on("offered") == [offered.code]
    assert set(on("held")) == {held.code, late.code}
    assert on("overdue") == [late.code]
    held.post("handoffs", "hulu", receiver="hilir", reason="other-place")
    held.offered("hilir")
    held.post("accept", "hilir")
    assert on("guarded") == [held.code]
    assert on("held") == [late.code]
    late.post("resolve", "hulu", reason="fixed")
    assert on("held") == []


def test_a_coordinator_sees_what_is_before_it(served):
    mark = word()
    report = served.report(text=mark).held("hulu", resolve_by=FAR)
    report.post("convene", "hulu", reason="offices-disagree")
    report.convened("utara")
    assert codes_on(served, "coordinator:utara", list="convened", q=mark) == [report.code]
    assert codes_on(served, "coordinator:asisten", list="convened", q=mark) == []
    response = served.http.get("/api/v1/desk?list=convened", headers=served.headers("utara"))
    problem(response, "not-entitled")


def test_an_item_says_what_an_officer_needs(served):
    report = served.report(text="Panjang sekali " * 50 + word()).offered("jalan", resolve_by=FAR)
    item = desk(served, "jalan", list="offered", q=report.code[:8])["items"][0]
    assert item["code"].startswith(report.code[:8])
    assert len(item["excerpt"]) == 160
    assert item["due"].startswith("2100-01-01")
    assert item["accept_by"]
    assert item["version"] == 2
    assert item["handoff"]


def test_pages_join_without_gap_or_repetition(served):
    mark = word()
    wanted = {served.report(text=mark).offered("utara", resolve_by=FAR).code for _ in range(7)}
    found, cursor, pages = [], {}, 0
    while cursor is not None:
        page = desk(served, "utara", list="offered", q=mark, limit=3, **cursor)
        found += [each["code"] for each in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
        pages += 1
    assert pages == 3
    assert len(found) == 7
    assert set(found) == wanted


def test_search_takes_every_word_and_nothing_as_a_pattern(served):
    mark = word()
    report = served.report(text=f"{mark} 100% Rusak_Parah").offered("hilir", resolve_by=FAR)
    on = lambda q: codes_on(served, "hilir", list="offered", q=q)  # noqa: E731
    assert on(f"rusak {mark}") == [report.code]
    assert on(f"{mark} baik") == []
    assert on(f"{mark} 100%") == [report.code]
    assert on(f"{mark} 1%0") == []
    assert on(f"{mark} rusakXparah") == []
    assert on(report.code.lower()) == [report.code]


#: A time that the calendar ends before, in UTC: ``["0001-01-01T00:00:00+14:00", "x"]``.
BEFORE_TIME = "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgIngiXQ"


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U", "W10", "WyJ4IiwieSJd", "WzEsMl0", "é", "%", BEFORE_TIME])
def test_a_cursor_that_is_not_ours_is_refused(served, cursor):
    response = served.http.get("/api/v1/desk", params={"cursor": cursor}, headers=served.headers("jalan"))
    assert problem(response, "invalid")["errors"][0]["field"] == "cursor"


def test_a_desk_needs_an_offices_token(served):
    problem(served.http.get("/api/v1/desk"), "no-token")
    problem(served.http.get("/api/v1/desk", headers=served.headers("auditor")), "not-entitled")
    response = served.http.get("/api/v1/desk?list=all", headers=served.headers("jalan"))
    assert problem(response, "invalid")["errors"][0]["field"] == "list"


def test_the_directory_is_public(served):
    assert served.http.get("/api/v1/directory").json()["areas"] == {"n-1": "Hulu", "n-2": "Hilir"}
    externals = served.http.get("/api/v1/offices?kind=external").json()["items"]
    assert [each["code"] for each in externals] == ["wasit"]
    assert len(served.http.get("/api/v1/offices").json()["items"]) == 9
    assert "banjir" in {each["code"] for each in served.http.get("/api/v1/services").json()["items"]}
    problem(served.http.get("/api/v1/offices?kind=palace"), "invalid")
    problem(served.http.get("/api/v1/offices/tidak-ada"), "not-found")


def test_how_much_an_office_holds_is_for_tokens(served):
    assert "held" not in served.http.get("/api/v1/offices/taman").json()
    count = lambda: served.http.get("/api/v1/offices/taman", headers=served.headers("auditor")).json()["held"]  # noqa: E731
    before = count()
    served.report().held("taman")
    assert count() == before + 1


def test_the_api_describes_itself_whole(served):
    described = served.http.get("/api/v1/openapi.json").json()
    validate(described)
    assert described == describe(Tickets)
    for endpoint in (each for _, each in endpoints_of(Tickets) if each.dialect is OURS):
        path = re.sub(r"<(\w+)>", r"{\1}", endpoint.path)
        assert endpoint.method.lower() in described["paths"][path]


def test_probes(served):
    ready = served.http.get("/readyz").json()
    assert ready["checks"] == {"database": "ok", "migrations": "ok", "broker": "ok", "city": "ok"}
    assert served.http.get("/healthz").status_code == 200
    assert "estafet_http_request_seconds" in served.http.get("/metrics").text
