"""What tickets publishes: the life of each report, and, on its private exchange, the reporter."""

from __future__ import annotations

from marshmallow import fields, validate

from estafet.events.fields import OUTCOMES, SHAREABLE, Contents, because, identity, photos, reason, slug, ticket, words


class Submission(Contents):
    """The ``report.submitted`` that is answered."""

    source = identity(required=True)
    id = identity(required=True)


class ReportAccepted(Contents):
    code = fields.String(required=True)
    reference = identity(allow_none=True, required=True)
    #: None when the report came by HTTP.
    submission = fields.Nested(Submission, allow_none=True, required=True)


class FieldError(Contents):
    field = fields.String(required=True)
    reason = fields.String(required=True)


class ReportRejected(Contents):
    reference = identity(allow_none=True, required=True)
    submission = fields.Nested(Submission, required=True)
    errors = fields.List(fields.Nested(FieldError), required=True)


class TicketOpened(Contents):
    ticket = ticket()
    consent = fields.List(fields.String(validate=validate.OneOf(SHAREABLE)), required=True)
    reference = identity(allow_none=True, required=True)
    photos = photos()


class HandoffRequested(Contents):
    ticket = ticket()
    handoff = identity(required=True)
    sender = slug(required=True)
    #: None: routing finds the competent office.
    receiver = slug(allow_none=True, required=True)
    #: The holder asks for a coordinator instead of an office.
    convene = fields.Boolean(required=True)
    reason = reason()
    words = words()


class HandoffOffered(Contents):
    ticket = ticket()
    handoff = identity(required=True)
    sender = slug(required=True)
    receiver = slug(required=True)
    reason = reason()
    words = words()
    accept_by = fields.AwareDateTime(required=True)
    because = because()


class HandoffAccepted(Contents):
    ticket = ticket()
    handoff = identity(required=True)
    sender = slug(required=True)
    receiver = slug(required=True)


class HandoffRefused(Contents):
    ticket = ticket()
    handoff = identity(required=True)
    sender = slug(required=True)
    #: Who refused.
    office = slug(required=True)
    reason = reason()
    words = words()
    #: The office it belongs to, in the refuser's judgement; None when it asks for a coordinator.
    right_office = slug(allow_none=True, required=True)


class HandoffWithdrawn(Contents):
    ticket = ticket()
    handoff = identity(required=True)
    sender = slug(required=True)
    #: None when it was withdrawn before routing had decided.
    receiver = slug(allow_none=True, required=True)


class HandoffLapsed(Contents):
    ticket = ticket()
    handoff = identity(required=True)
    sender = slug(required=True)
    receiver = slug(required=True)


class ReferralOpened(Contents):
    ticket = ticket()
    referral = identity(required=True)
    agency = slug(required=True)
    office = slug(required=True)
    #: Names of the fields shared, never their values.
    fields_shared = fields.List(fields.String(validate=validate.OneOf(SHAREABLE)), required=True)


class ReferralAnswered(Contents):
    ticket = ticket()
    referral = identity(required=True)
    agency = slug(required=True)
    #: The agency's own number for the case.
    receipt = identity(allow_none=True, required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    words = words()


class TicketConvened(Contents):
    ticket = ticket()
    coordinator = slug(required=True)
    #: The offices that could not settle it between them.
    involved = fields.List(slug(), required=True)
    because = because()


class Proposal(Contents):
    """What an assignment would be as a routing rule."""

    category = slug(required=True)
    place = slug(allow_none=True, required=True)
    office = slug(required=True)


class TicketAssigned(Contents):
    ticket = ticket()
    handoff = identity(required=True)
    coordinator = slug(required=True)
    sender = slug(required=True)
    receiver = slug(required=True)
    reason = reason()
    words = words()
    proposal = fields.Nested(Proposal, required=True)


class TicketPaused(Contents):
    ticket = ticket()
    office = slug(required=True)
    reason = reason()
    words = words()
    #: The pause ends here by itself.
    until = fields.AwareDateTime(required=True)


class TicketResolved(Contents):
    ticket = ticket()
    office = slug(required=True)
    reason = reason()
    words = words()
    photos = photos()


class TicketReopened(Contents):
    ticket = ticket()
    office = slug(required=True)


class TicketClosed(Contents):
    ticket = ticket()
    how = fields.String(required=True, validate=validate.OneOf(("confirmed", "silence")))


class NoteAdded(Contents):
    ticket = ticket()
    note = identity(required=True)
    #: None: the reporter wrote it.
    office = slug(allow_none=True, required=True)
    public = fields.Boolean(required=True)
    photos = photos()


class ReporterGiven(Contents):
    """Private: how to reach the reporter, and the secret the reporter follows the report with."""

    name = fields.String(allow_none=True, required=True)
    email = fields.String(allow_none=True, required=True)
    phone = fields.String(allow_none=True, required=True)
    #: Absent and null are the same.
    telegram = fields.String(allow_none=True)
    locale = fields.String(required=True)
    secret = fields.String(required=True)


class ReporterErased(Contents):
    """Private: forget the reporter of this ticket."""


class ReferralPackaged(Contents):
    """Private: what the reporter let us share, for the agency's mail and nobody else."""

    referral = identity(required=True)
    agency = slug(required=True)
    package = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)
