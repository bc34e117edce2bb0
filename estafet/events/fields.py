"""The building blocks that several events share."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

#: How a report stands. ``requested``: a decision of routing is awaited; ``offered``: an office was asked to take it.
STATUSES = ("held", "requested", "offered", "convened", "resolved", "closed")

#: What a reporter may consent to share with an outside agency.
SHAREABLE = ("name", "contact", "text", "place")

#: What an outside agency says: that it has the case (``received``), or how it ended.
OUTCOMES = ("received", "settled", "declined")

CLOCKS = ("accept", "hold", "resolve", "silence", "loop", "referral")


class Contents(Schema):
    """Base of every schema here: readers ignore fields they do not know, so a schema may grow."""

    class Meta:
        unknown = EXCLUDE


def slug(**options: Any) -> fields.String:
    """A code of the city's data: an office, a category, an area."""
    return fields.String(validate=validate.Regexp(r"^[a-z0-9][a-z0-9.-]{0,63}\Z"), **options)


def photos() -> fields.Integer:
    """How many photos came with it; absent: none. They are in no event."""
    return Whole(validate=validate.Range(1, 100))


def words() -> fields.String:
    """An office's own words, when the reason code alone does not help."""
    return fields.String(validate=validate.Length(max=1000), allow_none=True, load_default=None)


def reason() -> fields.String:
    """A reason code of :mod:`estafet.events.reasons`."""
    return fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z-]{0,39}\Z"))


def line(longest: int, shortest: int = 0, **options: Any) -> fields.String:
    """A text on one line: it may end up in a header of a mail, a log or a terminal."""
    return fields.String(validate=[validate.Length(min=shortest, max=longest), _printable], **options)


def identity(**options: Any) -> fields.String:
    """A name that another system gave: a message's id, a receipt, a number of its own."""
    return line(255, 1, **options)


class Whole(fields.Integer):
    """A whole number as JSON means it: ``2.0`` is one (JSON Schema 2020-12, 6.1.1), ``2.5`` and ``"2"`` are not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, **options)

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        number: int = super()._validated(value)
        return number


class Degrees(fields.Float):
    """A latitude or longitude in WGS 84, at most ``most`` either way: a number, not a text that looks like one."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(-most, most), **options)

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        number: float = super()._validated(value)
        return number


def _printable(text: str) -> None:
    if not text.isprintable():
        raise ValidationError("Only printable characters on one line.")


class Because(Contents):
    """One rule a decision rests on, with the facts it was applied to, as a sentence in both languages."""

    rule = fields.String(required=True)
    id = fields.String(required=True)
    en = fields.String(required=True)


def because() -> fields.List[Any]:
    return fields.List(fields.Nested(Because), required=True)


class Ticket(Contents):
    """How the report stands after the event: enough for a reader to decide without asking back."""

    category = slug(required=True)
    place = slug(allow_none=True, required=True)
    confidential = fields.Boolean(required=True)
    #: Whether the reporter left a contact; never the contact.
    reachable = fields.Boolean(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    holder = slug(required=True)
    guardian = slug(allow_none=True, required=True)
    #: The coordinator whose binding assignment the holder carries out.
    bound_by = slug(allow_none=True, required=True)
    #: The coordinator it was brought to, while it is convened.
    coordinator = slug(allow_none=True, required=True)
    #: Ordinary handoffs so far, and how many the policy allows (None: routing has not said yet, or no limit).
    hops = fields.Integer(required=True)
    hop_budget = fields.Integer(allow_none=True, required=True)
    #: Offices that refused it, let its offer lapse or handed it on: no ordinary decision offers it to them again.
    seen = fields.List(slug(), required=True)
    #: Offices the report itself is about: never on its route.
    named = fields.List(slug(), required=True)
    #: Refusals since the last acceptance, and objections of the reporter in all.
    refusals = fields.Integer(required=True)
    objections = fields.Integer(required=True)
    referrals_open = fields.Integer(required=True)
    #: The citizen's deadline: set once, moved by nothing.
    resolve_by = fields.AwareDateTime(allow_none=True, required=True)


def ticket() -> fields.Nested:
    return fields.Nested(Ticket, required=True)
