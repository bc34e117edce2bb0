"""A report as it lies on a desk: all that its reader may see of it, and the forms of what they can do now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from estafet.events.reasons import REASONS
from estafet.relay.work import Works
from estafet.web import Problem
from services.tickets import learning, views
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight, answered, look_as, read_code
from services.tickets.custody import foresight, possible
from services.tickets.pages.desk import choosing
from services.tickets.pages.desk.act_forms import ACT_FORMS
from services.tickets.pages.desk.addresses import place_of
from services.tickets.pages.desk.frame import draw
from services.tickets.pages.desk.refusing import faults, hindrance, said_of
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.following import facts_of
from services.tickets.pages.refusing import refusal
from services.tickets.pages.visit import Visit
from services.tickets.pages.words import Words
from services.tickets.signin.sessions import Seat

#: Acts whose standard sentences are chosen from.
_REASONED = ("refuse", "handoff", "convene", "assign", "pause", "resolve")
#: Acts that say why they are not possible, when they are somebody's but not now.
_EXPLAINED = (Action.REQUEST, Action.RETURN, Action.RESOLVE, Action.ASSIGN)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that was not taken, to be shown again with what was written.

    Attributes:
        problem: why not; None: its writer wants to change it.
    """

    act: str
    form: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None


class DeskReport:
    relay: Works
    public_url: str

    @desk_page("GET", "/t/<code>", "A report, with what its reader may see and do")
    def desk_report(self, visit: Visit, seat: Seat, code: str) -> Response:
        return show(self.relay, visit, seat, code)


def show(relay: Works, visit: Visit, seat: Seat, text: str, unsent: Unsent | None = None) -> Response:
    """The page of a report.

    Raises:
        Problem: ``not-found``, ``mistyped-code``.
    """
    now = relay.clock.now()
    with answered(), relay.database.read() as connection:
        city = learning.needed(connection)
        code = visit.code = read_code(text, city)
        if code != text and unsent is None:
            return visit.go(place_of(code))
        sight = look_as(seat.token, connection, code)
        facts = facts_of(views.ticket(connection, sight), sight, now)
    problem = unsent.problem if unsent else None
    status = 200 if problem is None else refusal(problem, visit.words, code).status
    done = visit.request.args.get("done")
    facts |= {
        "failed": None if problem is None else said_of(problem, visit.words),
        "stale": problem is not None and problem.kind.status in (409, 412),
        "full": sight.may(Action.FULL_VIEW),
        "hidden": sight.may(Action.INTERNAL_NOTES),
        "length": sight.length,
        "done": done if unsent is None and done in ACT_FORMS else None,
        "unsent": unsent,
        "kept": unsent.form if unsent else {},
        "faults": {} if problem is None else faults(problem, visit),
        "reason_of": lambda code: getattr(REASONS[code], visit.words.language) if code in REASONS else code,
        **_forms(sight, visit.words, now),
    }
    facts["lost"] = unsent is not None and ACT_FORMS[unsent.act].action.value not in facts["able"]
    return draw(visit, seat, city, "desk/report.html", status, **facts)


def _forms(sight: Sight, words: Words, now: datetime) -> dict[str, Any]:
    """What can be done now, and what can be chosen in it."""
    case, directory = sight.case, sight.directory
    tried = possible.acts(sight, now)
    able = {action.value for action, why in tried.items() if why is None}
    bound_by = directory.name(case.bound_by or "")
    hindered = [hindrance(why, words, bound_by) for why in map(tried.get, _EXPLAINED) if why is not None]
    convening = foresight.handoff(case, directory, None, convene=True)
    return {
        "able": able,
        "hindrances": list(dict.fromkeys(hindered)),
        "receivers": choosing.receivers(sight, words) if Action.REQUEST.value in able else {},
        "right_offices": choosing.right_offices(sight, words) if Action.REFUSE.value in able else {},
        "assignable": _named(sight, possible.assignable(sight, now)) if Action.ASSIGN.value in able else [],
        "agencies": _agencies(sight, now) if Action.REFER.value in able else [],
        "answerable": possible.answerable(sight, now),
        "decider": directory.name(case.bound_by or convening.coordinator or ""),
        "reasons": {act: choosing.reasons(act, words.language) for act in _REASONED},
        "today": now.astimezone(ZoneInfo(directory.timezone)).date(),
        "last_day": case.resolve_by.astimezone(ZoneInfo(directory.timezone)).date() if case.resolve_by else None,
    }


def _named(sight: Sight, offices: list[str]) -> list[tuple[str, str]]:
    names = ((code, sight.directory.name(code)) for code in offices)
    return sorted(names, key=lambda each: each[1].casefold())


def _agencies(sight: Sight, now: datetime) -> list[dict[str, Any]]:
    """The agencies that can be asked, with what each would be given and what it would lack."""
    found = []
    for code, why in possible.referable(sight, now).items():
        agency = sight.directory.offices[code]
        if why is None:
            shared = [each for each in agency.needs if each in sight.case.consent]
            lacking = [each for each in agency.needs if each not in shared]
            found.append({"code": code, "name": agency.name, "shared": shared, "lacking": lacking})
    return sorted(found, key=lambda each: each["name"].casefold())
