"""The form of a city's data: one schema per file. What concerns several entries is checked in ``check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from estafet.events.fields import SHAREABLE, slug
from estafet.events.routing import OFFICE_KINDS
from services.routing.city.model import Area, Calendar, Hours, Limit, Office, Policy, Retention

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LANGUAGES = ("id", "en")


@contextmanager
def from_any_release() -> Iterator[None]:
    """Within it, fields that we do not know are passed over: a later release wrote them, whose replicas work beside us.

    In a file that somebody is about to load they are mistakes.
    """
    token = _any_release.set(True)
    try:
        yield
    finally:
        _any_release.reset(token)


_any_release = ContextVar("any release", default=False)


class PartSchema(Schema):
    """Of a city's data."""

    @pre_load
    def known(self, data: Any, **_: Any) -> Any:
        if not _any_release.get() or not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if name in self.load_fields}


def _name(**options: Any) -> fields.String:
    return fields.String(required=True, validate=validate.Length(min=1, max=200), **options)


class CitySchema(PartSchema):
    """city.yaml"""

    name = _name()
    code_prefix = fields.String(
        required=True, validate=validate.Regexp(r"^[A-Z]{2,5}\Z", error="must be 2 to 5 capital letters")
    )
    emergency_number = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"^[0-9]{2,15}\Z", error="must be a number to call, in quotes"),
    )


class OfficeSchema(PartSchema):
    """An entry of offices.yaml."""

    code = slug(required=True)
    name = _name()
    kind = fields.String(required=True, validate=validate.OneOf(OFFICE_KINDS))
    parent = slug(load_default=None, allow_none=True)
    competence = fields.List(slug(), load_default=list)
    confidential = fields.Boolean(load_default=False)
    email = fields.Email(load_default=None, allow_none=True)
    needs = fields.List(fields.String(validate=validate.OneOf(SHAREABLE)), load_default=list)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Office:
        return Office(**{**data, "competence": tuple(data["competence"]), "needs": tuple(data["needs"])})


class ServiceSchema(PartSchema):
    """An entry of services.yaml. ``hop_budget`` left out: the policy's; null: no limit."""

    code = slug(required=True)
    name = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LANGUAGES)),
        values=fields.String(validate=validate.Length(min=1, max=200)),
        required=True,
    )
    deadline = slug(required=True)
    local = fields.Boolean(load_default=False)
    confidential = fields.Boolean(load_default=False)
    emergency = fields.Boolean(load_default=False)
    place_required = fields.Boolean(load_default=False)
    hop_budget = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=0))
    words = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LANGUAGES)),
        values=fields.List(fields.String(validate=validate.Length(min=1, max=60)), validate=validate.Length(max=30)),
        load_default=dict,
    )

    @post_load
    def both_languages(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        missing = [language for language in LANGUAGES if language not in data["name"]]
        if missing:
            raise ValidationError(f"lacks the name in {' and '.join(missing)}", "name")
        return {**data, "words": {language: tuple(words) for language, words in data["words"].items()}}


class AreaSchema(PartSchema):
    """An entry of areas.yaml."""

    code = slug(required=True)
    name = _name()
    office = slug(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Area:
        return Area(**data)


class HoursField(fields.Field[Hours]):
    """``07:30-15:30``"""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Hours:
        try:
            opens, closes = (time.fromisoformat(part.strip()) for part in value.split("-"))
        except (AttributeError, ValueError) as error:
            raise ValidationError('must look like "07:30-15:30", in quotes') from error
        if opens >= closes or opens.tzinfo or closes.tzinfo:
            raise ValidationError("must begin before it ends")
        return Hours(opens, closes)


class CalendarSchema(PartSchema):
    """calendar.yaml"""

    timezone = fields.String(required=True)
    country = fields.String(load_default=None, allow_none=True)
    hours = fields.Dict(
        keys=fields.String(validate=validate.OneOf(WEEKDAYS)),
        values=HoursField(),
        required=True,
        validate=validate.Length(min=1, error="at least one weekday must have hours"),
    )
    leave = fields.List(fields.Date(), load_default=list)
    not_holiday = fields.List(fields.Date(), load_default=list)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Calendar:
        _check_timezone(data["timezone"])
        if data["country"] is not None and data["country"] not in holidays.list_supported_countries():
            raise ValidationError("no public holidays are known for it; use an ISO 3166 code or null", "country")
        return Calendar(
            timezone=data["timezone"],
            country=data["country"],
            hours={WEEKDAYS.index(day): hours for day, hours in data["hours"].items()},
            leave=frozenset(data["leave"]),
            not_holiday=frozenset(data["not_holiday"]),
        )


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        reason = "is not a known time zone such as Asia/Jakarta (is the system's time zone data installed?)"
        raise ValidationError(reason, "timezone") from error


class LimitSchema(PartSchema):
    limit = fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=3650), error_messages={"invalid": "not a number"}
    )
    unit = fields.String(load_default="day", validate=validate.OneOf(("day", "hour")))
    basis = fields.String(required=True, validate=validate.Length(min=1, max=300))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Limit:
        return Limit(data["limit"], data["unit"], data["basis"])


class RetentionSchema(PartSchema):
    years = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100))
    basis = fields.String(required=True, validate=validate.Length(min=1, max=300))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Retention:
        return Retention(**data)


def _limit() -> fields.Nested:
    return fields.Nested(LimitSchema, required=True)


class PolicySchema(PartSchema):
    """policy.yaml: the keys are those of :class:`services.routing.city.model.Policy`."""

    resolve = fields.Dict(
        keys=slug(), values=fields.Nested(LimitSchema), required=True, validate=validate.Length(min=1)
    )
    forward = _limit()
    accept = _limit()
    hold = _limit()
    referral = _limit()
    silence = _limit()
    loop = _limit()
    near_percent = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=99))
    hop_budget = fields.Integer(required=True, strict=True, allow_none=True, validate=validate.Range(min=0))
    external_holder = slug(required=True)
    #: Left out: everything is kept.
    retention = fields.Nested(RetentionSchema, load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Policy:
        return Policy(**data)
