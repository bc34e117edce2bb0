"""How a report begins: held by the front desk from its first second (rule 1)."""

from __future__ import annotations

from dataclasses import dataclass

from services.tickets.custody.case import Case, Holding, Moment, Outcome, Refused, say
from services.tickets.directory import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the rules need of a submitted report. Its text and its reporter stay with the store."""

    code: str
    category: str
    place: str | None = None
    #: Whether the reporter left a way to be reached.
    reachable: bool = False
    consent: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    reference: str | None = None
    #: Offices and handoffs it has been through in another system.
    seen: tuple[str, ...] = ()
    hops: int = 0


def faults(report: Report, directory: Directory) -> list[tuple[str, str]]:
    """What the directory does not know or the category needs, as (field, reason).

    What was given is not repeated: the reasons are published (``report.rejected``), and people mistake one field for
    another.
    """
    found: list[tuple[str, str]] = []
    service = directory.services.get(report.category)
    if service is None:
        found.append(("category", "There is no such category. The list of services names them."))
    if report.place is None and service is not None and service.place_required:
        found.append(("place", "This category needs the area where it happens."))
    if report.place is not None and report.place not in directory.areas:
        found.append(("place", "There is no such area. The directory lists the areas."))
    unknown = [str(at) for at, code in enumerate(report.named, start=1) if directory.office(code) is None]
    if unknown:
        found.append(
            ("named", f"No such office: number {', '.join(unknown)} of these. The directory lists the offices.")
        )
    return found


def slug_of(field: str) -> str:
    """The problem that a fault in this field is."""
    return "unknown-category" if field == "category" else "invalid"


def open_case(report: Report, directory: Directory, moment: Moment, correlation: str | None = None) -> Outcome:
    """Open it at the front desk; routing's first decision is awaited.

    ``correlation`` is the id of the ``report.submitted`` it came by; without one its own event begins the chain.

    Raises:
        Refused: ``unknown-category`` or ``invalid``, for the first of its faults.
    """
    for field, reason in faults(report, directory):
        raise Refused(slug_of(field), reason, field)
    id = moment.new_id()
    case = Case(
        code=report.code,
        correlation=correlation or id,
        category=report.category,
        place=report.place,
        confidential=directory.services[report.category].confidential,
        reachable=report.reachable,
        front_desk=directory.front_desk,
        status="requested",
        version=1,
        holder=directory.front_desk,
        held_since=moment.now,
        custody_message=id,
        hops=report.hops,
        seen=report.seen,
        named=report.named,
        consent=report.consent,
    )
    said = say(case, "ticket.opened", id, consent=list(report.consent), reference=report.reference)
    holding = Holding(office=case.holder, since=moment.now, how="opened", message=id)
    return Outcome(case=case, said=(said,), holding=holding)
