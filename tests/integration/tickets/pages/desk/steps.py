"""Reports as officers find them, and what every officer does with one: open it, fill in the form of an act."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import text_of
from tests.integration.tickets.served import Report, Served

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def held(served: Served, **changes: Any) -> Report:
    return served.report(**changes).held("taman", resolve_by=FAR)


def offered(served: Served) -> Report:
    """To hilir, by taman."""
    report = held(served)
    assert report.post("handoffs", "taman", receiver="hilir", reason="not-our-task", words="Di tepi kali.").is_success
    return report.offered("hilir", resolve_by=FAR)


def at(served: Served, whose: str, report: Report, language: str = "id") -> tuple[Officer, httpx.Response]:
    """Somebody who has the report open."""
    officer = Officer(served, whose, language)
    page = officer.sign_in(f"/desk/t/{report.code}")
    assert page.status_code == 200
    return officer, page


def does(
    officer: Officer,
    page: httpx.Response,
    report: Report,
    act: str,
    check: bool = False,
    follow: bool = True,
    **filled: Any,
) -> httpx.Response:
    """Fill in an act's form and send it; ``check``: look at the consequence and send it from there."""
    if check:
        form = next(each for each in officer.forms(page, f"/desk/t/{report.code}/check") if each.fields["act"] == act)
        page = officer.post(form, **filled)
        assert page.status_code == 200, text_of(page)
        filled = {}
    return officer.post(officer.form(page, f"/desk/t/{report.code}/{act}"), follow, **filled)
