"""Who may do what over HTTP: the table of ``services/tickets/access/rights.py``, asked cell by cell.

Whoever may is answered 2xx, on a report that stands so that the act is right; whoever may not is answered as the table
says, and the report is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from estafet.settings import DESK_ROLES
from estafet.web.entrypoint import endpoints_of
from services.notify.service import Notify
from services.routing.service import Routing
from services.tickets.access import permissions_page, rights
from services.tickets.access.entitlement import TOKEN_ROLES, Action, Role, may
from services.tickets.access.permissions import PERSONS, Person, allowed, status_of
from services.tickets.access.rights import RIGHTS, Right
from services.tickets.service import Tickets
from services.tickets.store import read
from services.tickets.tables import tickets
from tests.integration.tickets.asked import BEARERS, HARMLESS, PARTS, SEEN, STATES
from tests.integration.tickets.cells import Cells
from tests.integration.tickets.conftest import serving
from tests.integration.tickets.served import Report, problem
from tests.integration.tickets.town import REPORT


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cells]:
    folder = tmp_path_factory.mktemp("permissions")
    with serving(f"sqlite:///{folder / 'tickets.sqlite'}", folder) as served:
        yield Cells(served)


def _cells() -> Iterator[Any]:
    for right in RIGHTS:
        for person in PERSONS:
            yield pytest.param(right, person, False, id=f"{right.name}-{person.name}")
            if right.of_report:
                yield pytest.param(right, person, True, id=f"{right.name}, confidential-{person.name}")


@pytest.mark.parametrize(("right", "person", "confidential"), list(_cells()))
def test_permissions(cells: Cells, right: Right, person: Person, confidential: bool) -> None:
    state = STATES.get(right.what if right.desk else right.name, "offered")
    report, id = cells.prepared(state, confidential)
    if "see a photo" in right.name:
        id = cells.photo_of(report)
    before = _as_it_is(report)
    response = cells.ask(right, person, report, id)
    if right.desk:
        _check_at_desk(right, person, confidential, state, response)
        _says_nothing_of_it(response, report, _seen_at_desk(person, confidential, state))
        changes = right.of_report and right.endpoint.startswith("POST") and right.name not in HARMLESS
        if changes and allowed(right, person, confidential):
            assert _as_it_is(report) != before
            cells.used(state, confidential)
        else:
            assert _as_it_is(report) == before
        return
    if allowed(right, person, confidential):
        assert response.is_success or (right.page and response.status_code == httpx.codes.SEE_OTHER), response.text
        assert right.part is None or PARTS[right.part](response.json())
        if right.of_report and right.endpoint.startswith("POST") and right.name not in HARMLESS:
            assert _as_it_is(report) != before
            cells.used(state, confidential)
        return
    if right.part is None or not response.is_success:
        if right.open311:
            code = 404 if confidential and person.token == "app" else 403  # of reports apps alone are told anything
            assert response.status_code == code
            assert [each["code"] for each in response.json()] == [code]
        elif right.page:
            assert response.status_code == (404 if confidential else 403)
        else:
            assert problem(response, _refusal(right, person, confidential, state))["status"] in (401, 403, 404, 409)
        _says_nothing_of_it(response, report)
    else:
        assert not PARTS[right.part](response.json())
    assert _as_it_is(report) == before


def _check_at_desk(right: Right, person: Person, confidential: bool, state: str, response: httpx.Response) -> None:
    """Whoever may, sees it or is led on to see it; whoever may not, is told so on a page, or to sign in first."""
    reads = right.endpoint.startswith("GET")
    if person.token not in DESK_ROLES:
        assert response.status_code == (303 if reads else 403)
        assert "/desk/sign-in" in (response.headers["location"] if reads else response.text)
    elif right.part is not None:
        shown = response.is_success and SEEN[right.part] in response.text
        assert shown == allowed(right, person, confidential)
    elif allowed(right, person, confidential):
        done = not reads and right.name not in HARMLESS
        assert response.status_code == (303 if done else 200), response.text
    else:
        assert response.status_code == status_of(_refusal(right, person, confidential, state))


def _seen_at_desk(person: Person, confidential: bool, state: str) -> set[str]:
    """What a page may tell them about the report, whatever they asked of it."""
    if person.token not in DESK_ROLES:
        return set()
    roles = _roles(person, state) - ({Role.CORRESPONDENT} if confidential else set())
    seen = {REPORT["text"]} if may(roles, Action.FULL_VIEW) else set()
    return seen | ({"Budi", "budi@"} if may(roles, Action.CONTACT) else set())


def _refusal(right: Right, person: Person, confidential: bool, state: str) -> str:
    if right.of_report and confidential and not _roles(person, state) - {Role.SENDER}:
        return "not-found"
    if not person.known or (person.token is None and not right.of_report):
        return "no-token"
    if right.part is not None:  # the answer it is a part of is not theirs at all
        whole = next(each for each in RIGHTS if each.endpoint == right.endpoint and each.part is None)
        return whole.refusal
    return right.refusal


def _roles(person: Person, state: str) -> frozenset[Role]:
    """What they are to a report that stands so: without an offer nobody is asked."""
    return person.roles if state == "offered" else person.roles - {Role.OFFERED}


def _as_it_is(report: Report) -> object:
    """Everything that an act would change: the whole row with the end of the chain, and what is under way."""
    with report.served.town.works.database.read() as connection:
        row = connection.execute(select(tickets).where(tickets.c.code == report.code)).mappings().one()
        found = read(connection, report.code)
        return dict(row), found and found.case


def _says_nothing_of_it(response: httpx.Response, report: Report, seen: Set[str] = frozenset()) -> None:
    """But for what they may see of it."""
    told = [each for each in (REPORT["text"], "Budi", "budi@", report.secret) if each not in seen]
    if response.status_code == httpx.codes.NOT_FOUND:
        told += ["taman", "curang"]
    if response.is_stream_consumed:
        assert not [each for each in told if each in response.text]


def test_permissions_know_every_endpoint() -> None:
    """Whoever adds an endpoint says who may use it."""
    offered = {
        (service.name, f"{endpoint.method} {endpoint.path}")
        for service in (Tickets, Routing, Notify)
        for _, endpoint in endpoints_of(service)
    }
    listed = {(service, right.endpoint) for right in RIGHTS for service in right.services}
    otherwise = rights.BY_LINK | rights.BY_PROVIDERS | rights.BY_PASSWORD | rights.BY_SEAT
    assert offered == listed | otherwise, "RIGHTS in services/tickets/access/rights.py"


def test_permissions_know_every_action_and_every_token() -> None:
    assert {right.action for right in RIGHTS} | rights.OF_SEATS == set(Action)
    assert {person.token for person in PERSONS} == {*TOKEN_ROLES, None}
    assert BEARERS.keys() == {person.name for person in PERSONS if person.token}


def test_permissions_page_is_as_the_table_says() -> None:
    page = (Path(__file__).parents[3] / permissions_page.PAGE).read_text()
    assert page == permissions_page.with_tables(page), "run: python -m services.tickets.access.permissions_page"
