"""What Open311 clients may send. An empty parameter was not sent; one we do not know does no harm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate, validates_schema

from estafet.events.fields import identity, line, slug
from estafet.events.intake import ADDRESS_LIMIT, TEXT_LIMIT, Reporter, web_address
from services.tickets.api.schemas import NOTE_LIMIT

#: The most that is listed at once.
MOST = 1000
#: Two of these and the space between them are a name.
_NAME = 59
STATUSES = ("open", "closed")


class Parameters(Schema):
    class Meta:
        unknown = EXCLUDE

    #: Taken instead of an ``Authorization`` header.
    api_key = fields.String(load_default=None, validate=validate.Length(max=200))

    @pre_load
    def _without_empty(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}


class _Listed(fields.String):
    """Values between commas."""

    def __init__(self, among: tuple[str, ...] | None = None) -> None:
        self._among = among
        super().__init__(load_default=None, validate=validate.Length(max=4000))

    def _deserialize(self, value: Any, *given: Any, **more: Any) -> Any:
        text: str = super()._deserialize(value, *given, **more)
        self._validate(text)
        found = tuple(each for part in text.split(",") if (each := part.strip()))
        if self._among and not set(found) <= set(self._among):
            raise ValidationError(f"Take of {', '.join(self._among)}.")
        return found

    def _validate(self, value: Any) -> None:
        if isinstance(value, str):
            super()._validate(value)


def _degrees(most: int) -> fields.Float:
    return fields.Float(load_default=None, allow_nan=False, validate=validate.Range(-most, most))


class Pages(Parameters):
    start_date = fields.AwareDateTime(load_default=None)
    end_date = fields.AwareDateTime(load_default=None)
    page = fields.Integer(load_default=1, validate=validate.Range(1, MOST))
    page_size = fields.Integer(load_default=MOST, validate=validate.Range(1, MOST))


class RequestsQuery(Pages):
    service_request_id = _Listed()
    service_code = _Listed()
    status = _Listed(among=STATUSES)


class RequestInput(Parameters):
    service_code = fields.String(required=True, validate=validate.Length(max=64))
    lat = _degrees(90)
    long = _degrees(180)
    address_string = line(ADDRESS_LIMIT, load_default=None)
    address_id = slug(load_default=None)
    email = Reporter._declared_fields["email"]
    phone = Reporter._declared_fields["phone"]
    first_name = line(_NAME, load_default=None)
    last_name = line(_NAME, load_default=None)
    account_id = identity(load_default=None)
    description = fields.String(load_default=None, validate=validate.Length(max=TEXT_LIMIT))
    media_url = web_address(load_default=None)
    #: mySociety's: the sender's own number for it.
    service_request_id_ext = identity(load_default=None)
    attribute = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String(validate=validate.Length(max=TEXT_LIMIT))),
        load_default=dict,
    )

    @validates_schema(skip_on_field_errors=False)
    def _somewhere(self, data: Mapping[str, Any], **_: Any) -> None:
        lat, long = (data.get(name) is not None for name in ("lat", "long"))
        if lat != long:
            missing = "long" if lat else "lat"
            raise ValidationError("lat and long come together.", missing)
        placed = ("address_string", "address_id")
        if not lat and not any(data.get(name) for name in placed) and not place_of(data):
            raise ValidationError("Say where: lat and long, address_string, or address_id.", "lat")


class UpdateInput(Parameters):
    """mySociety's ``servicerequestupdates``. Who writes is known to the app, and not taken."""

    service_request_id = fields.String(required=True, validate=validate.Length(max=64))
    update_id = identity(required=True)
    status = fields.String(required=True, validate=validate.Regexp(r"^[A-Za-z_]{1,40}\Z"))
    updated_datetime = fields.AwareDateTime(required=True)
    description = fields.String(required=True, validate=validate.Length(min=1, max=NOTE_LIMIT))


def attribute_of(data: Mapping[str, Any], code: str) -> str | None:
    """The first value that is not empty of an attribute."""
    values = (data.get("attribute") or {}).get(code, ())
    return next((each for each in values if each), None)


def place_of(data: Mapping[str, Any]) -> str | None:
    """The area's code: the attribute that a category needs, else the address's id."""
    return attribute_of(data, "place") or data.get("address_id")
