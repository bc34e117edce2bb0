"""What the HTTP API answers, as schemas: they shape the JSON and describe it in OpenAPI."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields


def _text(**options: Any) -> fields.String:
    return fields.String(allow_none=True, **options)


def _time() -> fields.AwareDateTime:
    return fields.AwareDateTime(allow_none=True)


class Named(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)


def _named() -> fields.Nested:
    return fields.Nested(Named, allow_none=True)


class Emergency(Schema):
    """What to do before anything else."""

    number = fields.String(required=True)
    id = fields.String(required=True)
    en = fields.String(required=True)


class Links(Schema):
    self = fields.String(required=True)
    chain = fields.String(required=True)


class Opened(Schema):
    #: First, so that whoever reads it reads this first.
    emergency = fields.Nested(Emergency, allow_none=True, required=True)
    code = fields.String(required=True)
    secret = fields.String(required=True)
    version = fields.Integer(required=True)
    status = fields.String(required=True)
    links = fields.Nested(Links, required=True)


class Acted(Schema):
    code = fields.String(required=True)
    version = fields.Integer(required=True)
    status = fields.String(required=True)
    holder = fields.String(required=True)
    #: The id of the event that says so; null when there was nothing to say.
    event = _text(required=True)


class Sentence(Schema):
    id = fields.String(required=True)
    en = fields.String(required=True)


class Erased(Sentence):
    """Said instead of what the reporter gave and wrote."""

    time = fields.AwareDateTime(required=True)


class Step(Schema):
    time = fields.String(required=True)
    what = fields.String(required=True)
    office = _text()
    office_name = _text()
    to = _text()
    to_name = _text()
    reason = _text()
    sentence = fields.Nested(Sentence, allow_none=True)
    words = _text()
    until = _text()
    how = _text()
    outcome = _text()
    #: How many came with it.
    photos = fields.Integer()


class Because(Sentence):
    rule = fields.String(required=True)


class HandoffView(Schema):
    id = fields.String(required=True)
    status = fields.String(required=True, attribute="state")
    sender = fields.String(required=True)
    receiver = _text()
    reason = fields.String(required=True)
    words = _text()
    convene = fields.Boolean()
    decision = _text()
    accept_by = _time()
    refusal = _text()
    refusal_words = _text()
    right_office = _text()
    coordinator = _text()
    because = fields.List(fields.Nested(Because))


class HoldingView(Schema):
    office = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    until = _time()
    how = fields.String(required=True)


class ReferralView(Schema):
    id = fields.String(required=True)
    agency = fields.String(required=True)
    office = fields.String(required=True)
    shared = fields.List(fields.String())
    opened = fields.AwareDateTime(required=True)
    receipt = _text()
    outcome = _text()


class NoteView(Schema):
    id = fields.String(required=True)
    office = _text()
    public = fields.Boolean(required=True)
    #: Null: the reporter wrote it, and was erased.
    text = _text(required=True)
    time = fields.AwareDateTime(required=True)


class AttachmentView(Schema):
    """A photo. ``event`` is the id of the message that says it came; of one with a note, also the note's."""

    id = fields.String(required=True)
    event = fields.String(required=True)
    #: ``report``, ``note`` or ``resolution``.
    part = fields.String(required=True)
    office = _text()
    public = fields.Boolean(required=True)
    media_type = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    time = fields.AwareDateTime(required=True)
    link = fields.String(required=True)


class Contact(Schema):
    name = _text()
    email = _text()
    phone = _text()
    telegram = _text()
    locale = fields.String(required=True)


class LocationView(Schema):
    lat = fields.Float(allow_none=True)
    long = fields.Float(allow_none=True)
    address = _text()


class TicketView(Schema):
    """The public view; what follows ``history`` is there for whoever is entitled."""

    code = fields.String(required=True)
    category = fields.String(required=True)
    category_name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    holder = fields.Nested(Named, required=True)
    since = fields.AwareDateTime(required=True)
    due = _time()
    offered_to = _named()
    accept_by = _time()
    paused_until = _time()
    history = fields.List(fields.Nested(Step), required=True)
    text = _text()
    location = fields.Nested(LocationView, allow_none=True)
    media_url = _text()
    #: Null: the reporter was not erased.
    erased = fields.Nested(Erased, allow_none=True)
    place = _named()
    guardian = _named()
    bound_by = _named()
    coordinator = _named()
    confidential = fields.Boolean()
    consent = fields.List(fields.String())
    seen = fields.List(fields.String())
    named = fields.List(fields.String())
    hops = fields.Integer()
    hop_budget = fields.Integer(allow_none=True)
    refusals = fields.Integer()
    objections = fields.Integer()
    holders = fields.List(fields.Nested(HoldingView))
    handoffs = fields.List(fields.Nested(HandoffView))
    referrals = fields.List(fields.Nested(ReferralView))
    notes = fields.List(fields.Nested(NoteView))
    attachments = fields.List(fields.Nested(AttachmentView))
    contact = fields.Nested(Contact, allow_none=True)


class EntryView(Schema):
    """One message of a chain. Without ``body`` for whoever is not entitled to the full view."""

    position = fields.Integer(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True)
    publisher = fields.String(required=True)
    time = fields.String(required=True)
    causationid = _text()
    correlationid = fields.String(required=True)
    superseded = fields.Boolean(required=True)
    #: The JSON text that was on the wire: the hash is over it, so it is not parsed here.
    body = fields.String()
    previous = fields.String(required=True)
    hash = fields.String(required=True)


class Head(Schema):
    position = fields.Integer(required=True)
    hash = fields.String(required=True)


class ChainPage(Schema):
    code = fields.String(required=True)
    entries = fields.List(fields.Nested(EntryView), required=True)
    #: What to send as ``after`` for the next page; null at the end.
    next = fields.Integer(allow_none=True, required=True)
    head = fields.Nested(Head, required=True)


class Verified(Schema):
    ok = fields.Boolean(required=True)
    entries = fields.Integer(required=True)
    broken_at = fields.Integer(allow_none=True, required=True)


class DeskItem(Schema):
    code = fields.String(required=True)
    category = fields.String(required=True)
    status = fields.String(required=True)
    holder = fields.String(required=True)
    since = fields.AwareDateTime(required=True, attribute="held_since")
    accept_by = _time()
    due = fields.AwareDateTime(allow_none=True, attribute="resolve_by")
    version = fields.Integer(required=True)
    excerpt = _text()
    #: Since when nothing of the reporter is kept; the excerpt is then null.
    erased_at = _time()
    #: The handoff under way.
    handoff = fields.String(allow_none=True, attribute="pending")


class DeskPage(Schema):
    items = fields.List(fields.Nested(DeskItem), required=True)
    next = _text(required=True)


class Package(Schema):
    agency = fields.String(required=True)
    fields_ = fields.Dict(keys=fields.String(), values=_text(), data_key="fields", required=True)
