"""What can be done to a report at a desk: each act's form, and the rule of custody that it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, validate

from estafet.web import Input
from services.tickets import custody
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight
from services.tickets.api import schemas
from services.tickets.custody import Act, Outcome
from services.tickets.pages.desk.choosing import OPEN


@dataclass(frozen=True, slots=True)
class Deed:
    """One act.

    Attributes:
        fields: what its form asks.
        rule: ``rule(sight, act, **fields)``.
        note: its text is kept as a note.
        photos: photos may come with it.
    """

    action: Action
    rule: Callable[..., Outcome]
    schema: type[Schema] = schemas.Nothing
    fields: tuple[str, ...] = ()
    note: bool = False
    photos: bool = False

    def given(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """The form as its schema takes it. What was left empty was not given; but an office has to be chosen."""
        found: dict[str, Any] = {}
        for name in self.fields:
            text = str(form.get(name, ""))
            if text or name in _CHOSEN:
                found[name] = None if text == OPEN else text
        return found


#: Fields where nothing chosen is not the same as nobody named.
_CHOSEN = ("receiver", "right_office", "agency")


class TextForm(Input):
    text = fields.String(required=True, validate=validate.Length(min=1, max=schemas.NOTE_LIMIT))


class AskForm(TextForm):
    #: Pause until this day.
    until = fields.Date(load_default=None)


class PauseForm(schemas.PauseInput):
    until = fields.Date(required=True)  # type: ignore[assignment]


class AnswerForm(schemas.AnswerInput):
    referral = fields.String(required=True)


def end_of(day: date, sight: Sight) -> datetime:
    """The end of a day in the city; on the last day of the citizen's deadline, the deadline."""
    zone = ZoneInfo(sight.directory.timezone)
    end, due = datetime.combine(day, time(23, 59), zone), sight.case.resolve_by
    return due if due is not None and due.astimezone(zone).date() == day else end


def _pause(sight: Sight, act: Act, *, until: date, **given: Any) -> Outcome:
    return custody.pause(sight.case, act, until=end_of(until, sight), **given)


def _ask(sight: Sight, act: Act, *, text: str, until: date | None) -> Outcome:
    """A question to the reporter is a note, and, if its answer is waited for, a pause."""
    noted = custody.note(sight.case, act)
    if until is None:
        return noted
    sight.require(Action.PAUSE)
    return noted.then(_pause(sight, act, until=until, reason="awaiting-reporter"))


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "accept": Deed(Action.ACCEPT, lambda s, a: custody.accept(s.case, a)),
        "refuse": Deed(
            Action.REFUSE,
            lambda s, a, **given: custody.refuse(s.case, a, s.directory, **given),
            schemas.RefuseInput,
            ("right_office", "reason", "words"),
        ),
        "handoff": Deed(
            Action.REQUEST,
            lambda s, a, **given: custody.request(s.case, a, s.directory, **given),
            schemas.HandoffInput,
            ("receiver", "reason", "words"),
        ),
        "withdraw": Deed(Action.WITHDRAW, lambda s, a: custody.withdraw(s.case, a)),
        "convene": Deed(
            Action.RETURN,
            lambda s, a, **given: custody.ask_for_coordinator(s.case, a, s.directory, **given),
            schemas.ConveneInput,
            ("reason", "words"),
        ),
        "assign": Deed(
            Action.ASSIGN,
            lambda s, a, **given: custody.assign(s.case, a, s.directory, **given),
            schemas.AssignInput,
            ("receiver", "reason", "words"),
        ),
        "pause": Deed(Action.PAUSE, _pause, PauseForm, ("until", "reason", "words")),
        "resolve": Deed(
            Action.RESOLVE,
            lambda s, a, **given: custody.resolve(s.case, a, **given),
            schemas.ResolveInput,
            ("reason", "words"),
            photos=True,
        ),
        "note": Deed(
            Action.NOTE,
            lambda s, a, text: custody.note(s.case, a),
            TextForm,
            ("text",),
            note=True,
            photos=True,
        ),
        "hidden-note": Deed(
            Action.HIDDEN_NOTE,
            lambda s, a, text: custody.note(s.case, a, public=False),
            TextForm,
            ("text",),
            note=True,
            photos=True,
        ),
        "ask": Deed(Action.NOTE, _ask, AskForm, ("text", "until"), note=True, photos=True),
        "refer": Deed(
            Action.REFER,
            lambda s, a, agency: custody.refer(s.case, a, s.directory, agency=agency),
            schemas.ReferralInput,
            ("agency",),
        ),
        "answer": Deed(
            Action.REFER,
            lambda s, a, **given: custody.answer(s.case, a, **given),
            AnswerForm,
            ("referral", "outcome", "receipt", "words"),
        ),
    }
)
