"""Who sees what of sums and of what waits, page by page; and that nothing personal is on any of them."""

from __future__ import annotations

import csv
import io
import re

import pytest

from services.tickets.access.entitlement import TOKEN_ROLES, Action, may, standing
from services.tickets.access.rights import OF_SEATS
from tests.integration.tickets.pages.coordinator.test_convened import bounced
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import text_of
from tests.integration.tickets.town import PERSONAL

PAGES = ("convened", "convened.csv", "flows", "flows.csv", "overdue", "overdue.csv")
SEES = {
    "coordinator:asisten": PAGES,
    "jalan": ("flows", "flows.csv"),
    "auditor": PAGES,
    "ops": ("flows", "flows.csv", "overdue", "overdue.csv"),
}


@pytest.mark.parametrize(("whose", "sees"), SEES.items(), ids=SEES)
def test_who_sees_which_page(served, whose, sees):
    bounced(served)
    bounced(served, category="curang")
    officer = Officer(served, whose)
    officer.sign_in("/desk/flows")
    for page in PAGES:
        answer = officer.get(f"/desk/{page}")
        assert answer.status_code == (200 if page in sees else 403), page
        if page != "convened":
            assert not [each for each in PERSONAL if each in answer.text], page


def test_without_a_seat_every_page_asks_to_sign_in_first(served):
    reader = Officer(served, "jalan")
    for page in PAGES:
        answer = reader.get(f"/desk/{page}")
        assert str(answer.url.path) == "/desk/sign-in"


@pytest.mark.parametrize("role", TOKEN_ROLES)
def test_the_table_says_the_same(role):
    entitled = {each for each in OF_SEATS if may(standing(role), each)}
    assert (
        entitled
        == {
            "officer": {Action.OWN_SUMS},
            "coordinator": {Action.OWN_SUMS, Action.SUMS},
            "auditor": {Action.ALL_CONVENED, Action.SUMS},
            "ops": {Action.SUMS},
            "app": set(),
        }[role]
    )


def rows(answer):
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_an_officer_sees_the_flows_of_the_own_office_whatever_the_address_says(served):
    bounced(served)
    officer = Officer(served, "utara")
    officer.sign_in("/desk/flows")
    found = rows(officer.get("/desk/flows.csv?office=taman&days=365"))
    assert found
    assert all("utara" in (each["sender"], each["receiver"]) for each in found)
    page = officer.get("/desk/flows?office=taman&days=365")
    assert "<h1><span" in page.text
    assert "Utara" in text_of(page)
    drawn = re.findall(r"<title>([^<]* → [^<]*):", page.text)
    assert drawn
    assert all("Utara" in pair for pair in drawn), "whatever other tests have offered to it"


def test_a_confidential_report_is_in_no_sum_but_an_auditors_and_is_listed_to_its_coordinator_alone(served):
    """``utara`` may be whom it is about: a flow that grew would tell when somebody reported it."""
    auditor, asisten, utara = (
        Officer(served, each) for each in ("auditor", "coordinator:asisten", "coordinator:utara")
    )
    for each in (auditor, asisten, utara):
        each.sign_in("/desk/flows")

    def sums(reader):
        return [reader.get(f"/desk/{page}").text for page in ("flows.csv?days=365", "overdue.csv")]

    before = {each: sums(each) for each in (auditor, utara)}
    code = bounced(served, category="curang").code
    assert sums(utara) == before[utara]
    assert all(then != now for then, now in zip(before[auditor], sums(auditor), strict=True))
    assert code in {each["code"] for each in rows(asisten.get("/desk/convened.csv"))}
    assert code in {each["code"] for each in rows(auditor.get("/desk/convened.csv"))}
    assert code not in {each["code"] for each in rows(utara.get("/desk/convened.csv"))}
    assert utara.get(f"/desk/convened?code={code}").status_code == 404
    assert "/assign" not in auditor.get(f"/desk/convened?code={code}").text


def test_what_waits_as_a_table_to_save(served):
    report = bounced(served)
    officer = Officer(served, "coordinator:asisten")
    officer.sign_in("/desk/flows")
    (row,) = (each for each in rows(officer.get("/desk/convened.csv")) if each["code"] == report.code)
    assert (row["holder"], row["between"], row["category"]) == ("jalan", "jalan taman utara", "lubang")
    assert (row["coordinator"], row["version"]) == ("asisten", str(report.version))
