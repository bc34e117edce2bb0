"""Who may do what over HTTP, as people read it: persons, and whether they may what is offered to them.

Who is entitled to what is said once, in :data:`services.tickets.access.entitlement.ENTITLED`. Here it is named for
readers, right by right (:mod:`.rights`): :mod:`.permissions_page` writes the tables of ``docs/permissions.md`` from
it, and a test asks a running service about every cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from estafet.settings import DESK_ROLES
from estafet.web import PROBLEMS
from services.tickets.access.entitlement import Role, may, standing
from services.tickets.access.rights import Right


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks.

    Attributes:
        token: the role of the token they show; None: none.
        roles: what they are to the report; none: strangers.
    """

    name: str
    token: str | None = None
    roles: frozenset[Role] = frozenset()

    @property
    def known(self) -> bool:
        """Whether they show a token, or the report's secret."""
        return self.token is not None or Role.REPORTER in self.roles


PERSONS = (
    Person("reporter", None, frozenset({Role.REPORTER})),
    Person("holding office", "officer", frozenset({Role.HOLDER, Role.CORRESPONDENT})),
    Person("guardian", "officer", frozenset({Role.GUARDIAN})),
    Person("former holder", "officer", frozenset({Role.FORMER_HOLDER})),
    Person("offered office", "officer", frozenset({Role.OFFERED})),
    Person("another office", "officer"),
    Person("coordinator above", "coordinator", frozenset({Role.COORDINATOR})),
    Person("coordinator elsewhere", "coordinator"),
    Person("coordinator named in it", "coordinator"),
    Person("app that sent it", "app", frozenset({Role.SENDER})),
    Person("another app", "app"),
    Person("auditor", "auditor", frozenset({Role.AUDITOR})),
    Person("ops", "ops"),
    Person("nobody"),
)


def allowed(right: Right, person: Person, confidential: bool = False) -> bool:
    """Whether the person may; ``confidential``: whether the report is."""
    if right.desk and person.token not in DESK_ROLES:
        return False
    if not right.of_report:
        return may(standing(person.token), right.action)
    if right.page:
        person = replace(person, roles=person.roles & {Role.REPORTER})
    return may(_roles(person, confidential), right.action)


def _roles(person: Person, confidential: bool) -> frozenset[Role]:
    if confidential:
        return person.roles - {Role.CORRESPONDENT, Role.SENDER}
    return person.roles or frozenset({Role.STRANGER})


def status_of(slug: str) -> int:
    """The status of a page that tells a problem: browsers would ask for a password at 401."""
    return max(403, PROBLEMS[slug].status)
