"""What the HTTP API answers about the city: offices, services, and the directory they are in."""

from __future__ import annotations

from marshmallow import Schema, fields


class OfficeView(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    parent = fields.String(allow_none=True)
    area = fields.String(allow_none=True)
    confidential = fields.Boolean()
    needs = fields.List(fields.String())
    #: Reports it holds that are worked on; only for tokens.
    held = fields.Integer()


class OfficeList(Schema):
    items = fields.List(fields.Nested(OfficeView), required=True)


class ServiceView(Schema):
    code = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    confidential = fields.Boolean()
    emergency = fields.Boolean()
    place_required = fields.Boolean()
    #: The outside agency that such a report is referred to.
    agency = fields.String(allow_none=True)
    #: What people call it beside its name, by language.
    words = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class ServiceList(Schema):
    items = fields.List(fields.Nested(ServiceView), required=True)


class DirectoryView(Schema):
    city = fields.String(required=True)
    edition = fields.String(required=True)
    number = fields.Integer(required=True)
    timezone = fields.String(required=True)
    code_prefix = fields.String(required=True)
    front_desk = fields.String(required=True)
    emergency_number = fields.String(allow_none=True)
    areas = fields.Dict(keys=fields.String(), values=fields.String())
