"""Reports in the states that the tests of single rules begin with."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.tickets import custody
from services.tickets.custody import Act, Blocked, Case, Moment, Outcome, Report, Routed
from tests.unit.tickets.town import DIRECTORY, NOW

LATER = NOW + timedelta(hours=1)
DEADLINE = NOW + timedelta(days=14)
BECAUSE: tuple[dict[str, Any], ...] = ({"rule": "test", "id": "karena", "en": "because"},)
MOMENT = Moment(now=LATER)


def act(by: str | None, version: int | None = None, now: datetime = LATER) -> Act:
    return Act(now=now, by=by, version=version)


def opened(category: str = "lubang", **fields: Any) -> Case:
    return custody.open_case(Report(code="CTH-7F3K-92Q", category=category, **fields), DIRECTORY, Moment(now=NOW)).case


def decided(case: Case, receiver: str, **changes: Any) -> Routed:
    """A decision on the case as it stands."""
    decision = Routed(
        handoff=case.pending.id if case.pending else None,
        decision="requested" if case.pending else "first",
        ticket_version=case.version,
        receiver=receiver,
        accept_by=LATER + timedelta(days=1),
        resolve_by=DEADLINE,
        hop_budget=3,
        because=BECAUSE,
    )
    return replace(decision, **changes)


def stopped(case: Case, coordinator: str = "asisten", **changes: Any) -> Blocked:
    decision = Blocked(
        handoff=case.pending.id if case.pending else None,
        ticket_version=case.version,
        coordinator=coordinator,
        involved=(case.holder,),
        resolve_by=DEADLINE,
        hop_budget=3,
        because=BECAUSE,
    )
    return replace(decision, **changes)


def route(case: Case, receiver: str, **changes: Any) -> Outcome:
    return custody.routed(case, decided(case, receiver, **changes), DIRECTORY, MOMENT)


def request(case: Case, receiver: str | None = None, **options: Any) -> Case:
    return custody.request(case, act(case.holder), DIRECTORY, reason="not-our-task", receiver=receiver, **options).case


def offered(receiver: str = "jalan", category: str = "lubang", **fields: Any) -> Case:
    return route(opened(category, **fields), receiver).case


def held(*holders: str, **fields: Any) -> Case:
    """Held by the last of the offices, after it was handed from one to the next."""
    first, *others = holders or ("jalan",)
    case = custody.accept(offered(first, **fields), act(first)).case
    for office in others:
        case = custody.accept(route(request(case, office), office).case, act(office)).case
    return case


def refused(case: Case, right_office: str | None = "taman", reason: str = "other-place") -> Case:
    return custody.refuse(
        case, act(case.offered_to), DIRECTORY, reason=reason, words="Di seberang kali.", right_office=right_office
    ).case


def convened(coordinator: str = "asisten", case: Case | None = None) -> Case:
    case = request(case or held(), convene=True)
    return custody.blocked(case, stopped(case, coordinator), MOMENT).case


def assign(case: Case, by: str, receiver: str, version: int | None = None) -> Outcome:
    return custody.assign(case, act(by, version), DIRECTORY, receiver=receiver, reason="competent-office")


def bound(receiver: str = "taman") -> Case:
    return assign(convened(), "asisten", receiver).case


def resolved(case: Case | None = None) -> Case:
    case = case or held()
    return custody.resolve(case, act(case.holder), reason="fixed").case


def names(outcome: Outcome) -> list[str]:
    return [said.name for said in outcome.said]
