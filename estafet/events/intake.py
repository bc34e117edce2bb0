"""What other apps publish to us."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from estafet.events.fields import SHAREABLE, Contents, Degrees, Whole, identity, line, slug

#: Longest report, in characters (Open311 GeoReport v2 allows 4,000).
TEXT_LIMIT = 4000
LOCALES = ("id", "en")
#: Longest address, and longest address of a picture, in characters.
ADDRESS_LIMIT = 300
URL_LIMIT = 1000

_AT_MOST_ALL = validate.Length(max=len(SHAREABLE))


def web_address(**options: Any) -> fields.String:
    """An ``http`` or ``https`` address."""
    return fields.String(validate=validate.Regexp(rf"^https?://[!-~]{{1,{URL_LIMIT}}}\Z"), **options)


class Reporter(Contents):
    """How to reach the person who reports. All of it is optional: a report may be anonymous."""

    name = line(120, allow_none=True, load_default=None)
    email = fields.Email(validate=validate.Length(max=254), allow_none=True, load_default=None)
    phone = fields.String(validate=validate.Regexp(r"^\+?[0-9][0-9 -]{4,20}\Z"), allow_none=True, load_default=None)
    #: The chat that a bot may answer in. Absent and null are the same.
    telegram = fields.String(validate=validate.Regexp(r"^-?[0-9]{1,19}\Z"), allow_none=True)
    locale = fields.String(validate=validate.OneOf(LOCALES), load_default="id")


class Location(Contents):
    """Where it is, as the reporter gave it. It is as personal as the text: people report what is at their door."""

    lat = Degrees(90, allow_none=True, load_default=None)
    long = Degrees(180, allow_none=True, load_default=None)
    address = line(ADDRESS_LIMIT, allow_none=True, load_default=None)


class ReportSubmitted(Contents):
    """A citizen's report, from any app. Answered by ``report.accepted`` or ``report.rejected``."""

    category = slug(required=True)
    text = fields.String(required=True, validate=validate.Length(min=1, max=TEXT_LIMIT))
    #: Area where it happens, such as ``35.71.01.1006``.
    place = slug(allow_none=True, load_default=None)
    reporter = fields.Nested(Reporter, allow_none=True, load_default=None)
    #: Fields the reporter lets us share with an outside agency.
    consent = fields.List(fields.String(validate=validate.OneOf(SHAREABLE)), validate=_AT_MOST_ALL, load_default=list)
    #: Offices the report is about; they are kept off its route.
    named = fields.List(slug(), validate=validate.Length(max=20), load_default=list)
    #: The sender's own number for it.
    reference = identity(allow_none=True, load_default=None)
    #: Offices and handoffs it has already been through in another system, so that two systems cannot bounce it.
    seen = fields.List(slug(), validate=validate.Length(max=100), load_default=list)
    hops = Whole(validate=validate.Range(min=0, max=1000), load_default=0)
    #: A point or an address within the area. Absent and null are the same.
    location = fields.Nested(Location, allow_none=True)
    #: Where its picture is. Nobody here fetches it.
    media_url = web_address(allow_none=True)
