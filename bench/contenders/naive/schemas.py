"""What the services accept: marshmallow schemas, as nameko-examples has them in ``orders/schemas.py``."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate


class Lenient(Schema):
    class Meta:
        unknown = EXCLUDE


class SubmissionSchema(Lenient):
    category = fields.Str(required=True, validate=validate.Length(min=1, max=100))
    text = fields.Str(required=True, validate=validate.Length(min=1, max=10_000))
    reference = fields.Str(load_default=None, allow_none=True)
    reporter = fields.Dict(load_default=dict)


class ReportSchema(Lenient):
    id = fields.Str(required=True)
    source = fields.Str(required=True)
    type = fields.Str(required=True, validate=validate.Equal("id.estafet.report.submitted.v1"))
    time = fields.AwareDateTime(required=True)
    data = fields.Nested(SubmissionSchema, required=True)


class TicketOpened(Lenient):
    ticket = fields.Str(required=True)
    reference = fields.Str(required=True, allow_none=True)
    category = fields.Str(required=True)


class HandoffRouted(Lenient):
    ticket = fields.Str(required=True)
    office = fields.Str(required=True)
    deadline = fields.AwareDateTime(required=True)


class HandoffOffered(HandoffRouted):
    reference = fields.Str(required=True, allow_none=True)


class MessageSchema(Lenient):
    id = fields.UUID(required=True)
    name = fields.Str(required=True)
    time = fields.AwareDateTime(required=True)
    correlationid = fields.Str(required=True)
    causationid = fields.Str(required=True)


class TicketOpenedSchema(MessageSchema):
    data = fields.Nested(TicketOpened, required=True)


class HandoffRoutedSchema(MessageSchema):
    data = fields.Nested(HandoffRouted, required=True)


class HandoffOfferedSchema(MessageSchema):
    data = fields.Nested(HandoffOffered, required=True)
