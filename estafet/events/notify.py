"""What notify publishes: what became of each message to a person."""

from __future__ import annotations

from marshmallow import fields, validate

from estafet.events.fields import Contents, identity

AUDIENCES = ("reporter", "office", "coordinator", "agency")
CHANNELS = ("email", "folder", "whatsapp", "sms", "telegram", "feed")

STATES = ("sent", "delivered", "temporary-failure", "permanent-failure", "technical-failure")


class Notification(Contents):
    delivery = identity(required=True)
    #: The kind of message, such as ``handoff-offered``.
    template = fields.String(required=True)
    audience = fields.String(required=True, validate=validate.OneOf(AUDIENCES))
    #: The office's code, or ``reporter``; never a contact.
    recipient = fields.String(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    #: What is known of it; `docs/operator.md` says what each means.
    state = fields.String(validate=validate.OneOf(STATES))


class NotificationSent(Notification):
    pass


class NotificationFailed(Notification):
    #: What the channel answered, as a class of error, never with an address in it.
    error = fields.String(required=True)
