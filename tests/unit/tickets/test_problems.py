"""Every refusal of the rules and every problem of the endpoints is one that the API declares."""

import re
from pathlib import Path

import pytest

from estafet.web import PROBLEMS, endpoints_of
from services import tickets
from services.tickets.access import sight
from services.tickets.service import Tickets

FILES = sorted(Path(tickets.__file__).parent.rglob("*.py"))
RAISED = re.compile(r'(?:Refused|Problem)\(\s*"([a-z-]+)"')


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_what_is_raised_is_a_known_problem(file):
    assert set(RAISED.findall(file.read_text())) <= PROBLEMS.keys()


def test_the_rules_refuse_something():
    assert {"stale", "not-holder", "bound"} <= {slug for file in FILES for slug in RAISED.findall(file.read_text())} | {
        slug for slug, _ in sight._NOT_YOURS.values()
    }


def test_what_is_declared_is_a_known_problem():
    for _, endpoint in endpoints_of(Tickets):
        assert set(endpoint.problems) <= PROBLEMS.keys()
