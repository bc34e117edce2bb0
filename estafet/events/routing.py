"""What routing publishes: decisions, deadlines and the city's directory."""

from __future__ import annotations

from marshmallow import fields, validate

from estafet.events.fields import CLOCKS, SHAREABLE, Contents, because, identity, slug

#: ``first``: where a new report goes. ``requested``: the holder asked. ``redirected``: a refusal named an office.
DECISIONS = ("first", "requested", "redirected")


class HandoffRouted(Contents):
    #: The handoff requested or refused that is answered; None for the first decision.
    handoff = identity(allow_none=True, required=True)
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    #: The ticket version decided on. At any other version the decision is superseded.
    ticket_version = fields.Integer(required=True)
    receiver = slug(required=True)
    accept_by = fields.AwareDateTime(required=True)
    resolve_by = fields.AwareDateTime(required=True)
    hop_budget = fields.Integer(allow_none=True, required=True)
    #: An outside agency the report should be referred to at once.
    refer = slug(allow_none=True, required=True)
    because = because()


class HandoffBlocked(Contents):
    handoff = identity(allow_none=True, required=True)
    ticket_version = fields.Integer(required=True)
    #: The lowest coordinator above the offices involved.
    coordinator = slug(required=True)
    involved = fields.List(slug(), required=True)
    resolve_by = fields.AwareDateTime(required=True)
    hop_budget = fields.Integer(allow_none=True, required=True)
    because = because()


class Deadline(Contents):
    clock = fields.String(required=True, validate=validate.OneOf(CLOCKS))
    #: The version at which the clock was set; ``silence`` and ``accept`` act only on it.
    ticket_version = fields.Integer(required=True)
    due = fields.AwareDateTime(required=True)
    #: Whose clock it is; None for the citizen's.
    office = slug(allow_none=True, required=True)
    #: The coordinator above that office, who is told when it has passed.
    coordinator = slug(allow_none=True, required=True)
    handoff = identity(allow_none=True, required=True)
    referral = identity(allow_none=True, required=True)


class DeadlineNear(Deadline):
    pass


class DeadlinePassed(Deadline):
    pass


OFFICE_KINDS = ("front-desk", "kelurahan", "kecamatan", "department", "external", "coordinator")
#: Kinds of office that can hold a report and accept one. The others pass it on (front desk), decide (coordinators)
#: or belong to somebody else (external).
HOLDING_KINDS = frozenset({"kelurahan", "kecamatan", "department"})
#: Kinds that may stand above others, and so decide between them.
COORDINATING_KINDS = frozenset({"coordinator", "kecamatan"})


class Office(Contents):
    code = slug(required=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    kind = fields.String(required=True, validate=validate.OneOf(OFFICE_KINDS))
    #: The coordinator above it; None at the top of the ladder.
    parent = slug(allow_none=True, load_default=None)
    #: The area it answers for.
    area = slug(allow_none=True, load_default=None)
    confidential = fields.Boolean(load_default=False)
    #: Where mail for the office goes.
    email = fields.String(allow_none=True, load_default=None)
    #: External agencies: the fields they need in a referral.
    needs = fields.List(fields.String(validate=validate.OneOf(SHAREABLE)), load_default=list)


class Service(Contents):
    """A category a citizen may report under."""

    code = slug(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    confidential = fields.Boolean(load_default=False)
    emergency = fields.Boolean(load_default=False)
    #: Whether a place is needed to find its office.
    place_required = fields.Boolean(load_default=False)
    #: The outside agency it is referred to; None: none. Left out by releases that did not say.
    agency = slug(allow_none=True)
    #: What people call it, by language, beside its name.
    words = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class DirectoryPublished(Contents):
    """The whole directory: who there is, and what can be reported."""

    city = fields.String(required=True)
    #: SHA-256 of the city's data.
    edition = fields.String(required=True)
    #: Grows with every load; an older directory never replaces a newer one.
    number = fields.Integer(required=True)
    code_prefix = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{2,5}\Z"))
    timezone = fields.String(required=True)
    emergency_number = fields.String(allow_none=True, load_default=None)
    front_desk = slug(required=True)
    offices = fields.List(fields.Nested(Office), required=True)
    services = fields.List(fields.Nested(Service), required=True)
    #: Areas a report may name as its place, with their names.
    areas = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    #: So many years after it was closed a report's text and reporter are forgotten; left out: never.
    retention_years = fields.Integer(validate=validate.Range(min=1))
