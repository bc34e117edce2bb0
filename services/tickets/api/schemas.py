"""What the HTTP API takes: every field checked, every unknown one refused by name."""

from __future__ import annotations

from marshmallow import RAISE, fields, validate

from estafet.events.fields import OUTCOMES, SHAREABLE, slug
from estafet.events.intake import Reporter, ReportSubmitted
from estafet.events.reasons import reasons_for
from estafet.events.routing import OFFICE_KINDS
from estafet.web import Input
from estafet.web.multipart import FileField
from services.tickets.photos.rule import FORM
from services.tickets.worklist import LISTS

NOTE_LIMIT = 2000


def _reason(act: str) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(reasons_for(act)))


def _words() -> fields.String:
    return fields.String(validate=validate.Length(max=1000), allow_none=True, load_default=None)


def _maybe_office() -> fields.String:
    return slug(allow_none=True, load_default=None)


class ReporterInput(Reporter):
    class Meta:
        unknown = RAISE


class ReportInput(ReportSubmitted):
    """A report. The same fields as the event ``report.submitted``."""

    class Meta:
        unknown = RAISE

    reporter = fields.Nested(ReporterInput, allow_none=True, load_default=None)


class Nothing(Input):
    """No fields are taken."""


class HandoffInput(Input):
    #: None: routing finds the competent office.
    receiver = _maybe_office()
    #: Ask for a coordinator instead of an office.
    convene = fields.Boolean(load_default=False)
    reason = fields.String(
        required=True, validate=validate.OneOf(sorted({*reasons_for("handoff"), *reasons_for("convene")}))
    )
    words = _words()


class RefuseInput(Input):
    #: The office whose task it is; null asks for a coordinator. A refusal says one or the other.
    right_office = slug(required=True, allow_none=True)
    reason = _reason("refuse")
    words = _words()


class AssignInput(Input):
    receiver = slug(required=True)
    reason = _reason("assign")
    words = _words()


class ConveneInput(Input):
    reason = _reason("convene")
    words = _words()


class PauseInput(Input):
    until = fields.AwareDateTime(required=True)
    reason = _reason("pause")
    words = _words()


class ResolveInput(Input):
    reason = _reason("resolve")
    words = _words()


class ObjectInput(Input):
    #: Kept as a public note.
    words = _words()


class ConsentInput(Input):
    fields_ = fields.List(
        fields.String(validate=validate.OneOf(SHAREABLE)),
        data_key="fields",
        required=True,
        validate=validate.Length(max=len(SHAREABLE)),
    )


class NoteInput(Input):
    text = fields.String(required=True, validate=validate.Length(min=1, max=NOTE_LIMIT))
    #: Whether the reporter may read it.
    public = fields.Boolean(load_default=True)


class AttachmentsInput(Input):
    """A form."""

    #: Too many are told as photos are, not as a field is.
    photos = fields.List(FileField(), required=True, validate=validate.Length(min=1), metadata={"maxItems": FORM.most})
    text = fields.String(validate=validate.Length(max=NOTE_LIMIT), load_default="")
    #: Whether the reporter may see them.
    public = fields.Boolean(load_default=True)


class AttachmentQuery(Input):
    #: The thumbnail.
    small = fields.Boolean(load_default=False)


class ReferralInput(Input):
    agency = slug(required=True)


class AnswerInput(Input):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    #: The agency's own number for the case.
    receipt = fields.String(validate=validate.Length(min=1, max=255), allow_none=True, load_default=None)
    words = _words()


class ChainQuery(Input):
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))


class DeskQuery(Input):
    list = fields.String(load_default="held", validate=validate.OneOf(LISTS))
    q = fields.String(load_default="", validate=validate.Length(max=200))
    cursor = fields.String(load_default=None, validate=validate.Length(max=300))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class OfficesQuery(Input):
    kind = fields.String(load_default=None, validate=validate.OneOf(OFFICE_KINDS))
