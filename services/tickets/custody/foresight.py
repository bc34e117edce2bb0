"""What would become of a handoff or a refusal, told before it is sent.

Routing decides (``handoff.requested`` and ``handoff.refused`` ask it). What it decides by stands in the report itself
and in the directory, but for which office a category belongs to: so nearly always it can be said beforehand. Where it
cannot, that is said.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from enum import Enum

from estafet.events.routing import COORDINATING_KINDS
from services.tickets.custody import checks
from services.tickets.custody.case import Case, Refused, joined
from services.tickets.custody.decision import REFUSALS_TO_CONVENE
from services.tickets.directory import Directory


class Fate(Enum):
    """What would happen."""

    #: The office is asked at once.
    ASKED = "asked"
    #: A coordinator decides.
    CONVENED = "convened"
    #: It would not be taken at all.
    IMPOSSIBLE = "impossible"
    #: Routing decides by what only it knows.
    ROUTING = "routing"


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would happen, and why.

    Attributes:
        why: the rules in the way, by routing's names for them; of ``IMPOSSIBLE``, the problem's slug.
        coordinator: who would decide; None where only routing knows.
    """

    fate: Fate
    why: tuple[str, ...] = ()
    coordinator: str | None = None


def handoff(case: Case, directory: Directory, receiver: str | None, convene: bool = False) -> Foresight:
    """What the holder's request would come to. ``receiver`` None: whichever office is competent."""
    if convene:
        return _convened(case, directory, None, "convene-asked")
    if receiver is None:
        stops = (*_spent(case), *_refused_too_often(case))
        return Foresight(Fate.CONVENED, stops) if stops else Foresight(Fate.ROUTING)
    if receiver == case.holder:
        return Foresight(Fate.IMPOSSIBLE, ("already-holder",))
    return _asked(case, directory, receiver, "receiver")


def refusal(case: Case, directory: Directory, right_office: str | None) -> Foresight:
    """What a refusal by the office that is asked would come to. ``right_office`` None: a coordinator is asked for."""
    refuser = case.offered_to or ""
    if right_office == refuser:
        return Foresight(Fate.IMPOSSIBLE, ("own-office",))
    after = replace(case, refusals=case.refusals + 1, seen=joined(case.seen, refuser))
    if right_office is None:
        return _convened(after, directory, None, *(_refused_too_often(after) or ("convene-asked",)))
    return _asked(after, directory, right_office, "right_office")


def _asked(case: Case, directory: Directory, receiver: str, field: str) -> Foresight:
    try:
        checks.receiver(case, directory, receiver, field)
    except Refused as refused:
        return Foresight(Fate.IMPOSSIBLE, (refused.slug,))
    too_often = _refused_too_often(case)
    if field == "right_office" and too_often:  # then nothing else is looked at
        return _convened(case, directory, receiver, *too_often)
    stops = (*_obstacle(case, directory, receiver), *_spent(case), *too_often)
    if stops:
        return _convened(case, directory, receiver, *stops)
    if case.resolve_by is None:  # no decision has told the hop budget yet
        return Foresight(Fate.ROUTING)
    return Foresight(Fate.ASKED)


def _convened(case: Case, directory: Directory, receiver: str | None, *why: str) -> Foresight:
    between = {*case.seen, case.holder, *([receiver] if receiver else [])}
    offices = {each for each in between if directory.can_hold(each)} or {directory.front_desk}
    return Foresight(Fate.CONVENED, why, _coordinator_above(offices, directory, set(case.named)))


def _obstacle(case: Case, directory: Directory, receiver: str) -> tuple[str, ...]:
    office = directory.office(receiver)
    if case.confidential and office is not None and office.parent in case.named:
        return ("below-named-office",)
    if receiver == case.holder:
        return ("already-holder",)
    return ("no-way-back",) if receiver in case.seen else ()


def _spent(case: Case) -> tuple[str, ...]:
    fresh = case.holder == case.front_desk and case.hops == 0
    if case.hop_budget is None or case.hops < case.hop_budget or fresh:
        return ()
    return ("hop-budget",)


def _refused_too_often(case: Case) -> tuple[str, ...]:
    return ("second-refusal",) if case.refusals >= REFUSALS_TO_CONVENE else ()


def _coordinator_above(offices: Set[str], directory: Directory, skipping: Set[str]) -> str | None:
    """The lowest above all of them that is not named in the report; else the highest other one."""
    ladders = [directory.ladder(each) for each in sorted(offices)]
    common = set(ladders[0]).intersection(*ladders[1:]) - skipping
    lowest = next((each for each in ladders[0] if each in common), None)
    if lowest is not None:
        return lowest
    left = [
        each.code
        for each in directory.offices.values()
        if each.kind in COORDINATING_KINDS and each.code not in skipping
    ]
    return min(left, key=lambda code: len(directory.ladder(code)), default=None)
