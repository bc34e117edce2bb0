"""What of a report may go to an outside agency, and what went: shown to its reporter, who decides."""

from __future__ import annotations

from dataclasses import dataclass

from services.tickets.custody.case import Case
from services.tickets.directory import Directory


@dataclass(frozen=True, slots=True)
class Agency:
    """An outside agency that is, was or would be asked about the report.

    Attributes:
        needs: the fields that it needs.
        given: those it was given; None: it was not asked yet.
    """

    name: str
    needs: tuple[str, ...]
    given: tuple[str, ...] | None = None


def agencies(case: Case, city: Directory) -> tuple[Agency, ...]:
    """Those that were asked, the first first; then the one that waits to be, or that such reports are referred to."""
    asked = [_agency(each.agency, city, each.shared) for each in case.referrals]
    service = city.services.get(case.category)
    awaited = case.refer_to or (service.agency if service else None)
    known = {each.agency for each in case.referrals} | set(case.named)
    if awaited is not None and awaited not in known and case.status != "closed":
        asked.append(_agency(awaited, city))
    return tuple(asked)


def _agency(code: str, city: Directory, given: tuple[str, ...] | None = None) -> Agency:
    office = city.office(code)
    return Agency(city.name(code), office.needs if office else (), given)
