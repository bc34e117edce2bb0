"""Who may do what over HTTP, of the services that only tell how they are: the rest is asked of tickets alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx
import pytest

from services.tickets.access.permissions import PERSONS, Person, allowed
from services.tickets.access.rights import RIGHTS, Right
from tests.e2e.system import System

PROBES = [(right, service) for right in RIGHTS for service in right.services if len(right.services) > 1]


@pytest.fixture(scope="session")
def bearers(running: Callable[[str], System]) -> Mapping[str, str]:
    """A token in each role."""
    system = running("embedded")
    offices = {"officer": ["dpupr"], "coordinator": ["kecamatan-mojoroto"]}
    roles = {person.token for person in PERSONS if person.token}
    return {
        role: system.estafet("token", "issue", role, *offices.get(role, []), "--label", "a test").stdout.strip()
        for role in roles
    }


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.name)
@pytest.mark.parametrize(("right", "service"), PROBES, ids=[f"{right.name}, {service}" for right, service in PROBES])
def test_permissions(
    running: Callable[[str], System], bearers: Mapping[str, str], right: Right, service: str, person: Person
) -> None:
    system = running("embedded")
    method, path = right.endpoint.split(" ")
    headers = {"Authorization": f"Bearer {bearers[person.token]}"} if person.token else {}
    address = f"{system.address(service)}{path}"
    assert allowed(right, person)
    assert httpx.request(method, address, headers=headers, timeout=10).is_success
