"""Requests made from the OpenAPI documents, by people of every kind: no answer that the documents do not give."""

from __future__ import annotations

import os

import pytest

from estafet.settings import SERVICES
from tests.e2e.conftest import Running
from tests.e2e.fuzzing import Ground, fuzz

#: About how many cases in all, shared among both forms, all people and all operations.
CASES = int(os.environ.get("ESTAFET_TEST_FUZZ", "800"))
PEOPLE = ("nobody", "reporter", "officer", "coordinator", "auditor", "app", "ops")
#: Operations of tickets' document, to share the cases among them.
OPERATIONS = 30

pytestmark = [
    pytest.mark.usefixtures("alive"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]


@pytest.fixture(scope="session")
def grounds(running: Running) -> dict[str, Ground]:
    return {}


@pytest.fixture
def ground(running: Running, form: str, grounds: dict[str, Ground]) -> Ground:
    if form not in grounds:
        grounds[form] = Ground(running(form))
    return grounds[form]


@pytest.mark.parametrize("person", PEOPLE)
def test_tickets_answers_as_its_document_says(ground: Ground, person: str) -> None:
    examples = max(1, CASES // (2 * len(PEOPLE) * OPERATIONS))
    tally = fuzz(ground.system.url, ground, ground.people[person], examples)
    print(tally)
    assert not tally.failures, str(tally)
    assert tally.cases >= examples * OPERATIONS / 2
    assert not [each for each in tally.answers if each.startswith("5")]


@pytest.mark.parametrize("service", [each for each in SERVICES if each != "tickets"])
def test_so_do_the_others(ground: Ground, service: str) -> None:
    tally = fuzz(ground.system.address(service), ground, ground.people["nobody"], max(1, CASES // 200))
    print(tally)
    assert not tally.failures, str(tally)
    assert not [each for each in tally.answers if each.startswith("5")]
