"""The questions of the survey of public satisfaction (PermenPANRB 14/2017), and one of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from estafet.web import Input, Problem

#: The nine elements, in the regulation's order: persyaratan; sistem, mekanisme dan prosedur; waktu penyelesaian;
#: biaya/tarif; produk spesifikasi jenis pelayanan; kompetensi pelaksana; perilaku pelaksana; penanganan pengaduan,
#: saran dan masukan; sarana dan prasarana.
ELEMENTS = (
    "requirements",
    "procedure",
    "time",
    "cost",
    "result",
    "competence",
    "conduct",
    "complaints",
    "facilities",
)
#: From worst to best.
SCORES = (1, 2, 3, 4)
#: How many offices had to be contacted; the last means so many or more.
CONTACTED = (0, 1, 2, 3, 4)
REMARK_LIMIT = 1000


def _score() -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, load_default=None, validate=validate.OneOf(SCORES))


Scores = Input.from_dict({each: _score() for each in ELEMENTS}, name="RatingScores")


class RatingInput(Input):
    """Each answer can be left out."""

    scores = fields.Nested(Scores, load_default=lambda: dict.fromkeys(ELEMENTS))
    offices_contacted = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=validate.OneOf(CONTACTED)
    )
    #: Read by auditors and by coordinators above the holder; never published.
    remark = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=REMARK_LIMIT))


class RatingView(Schema):
    """What the reporter answered last."""

    scores = fields.Nested(Scores, required=True)
    offices_contacted = fields.Integer(allow_none=True, required=True)
    remark = fields.String(allow_none=True, required=True)
    time = fields.AwareDateTime(required=True)
    #: The office that is rated: who had resolved the report by then.
    office = fields.String(allow_none=True, required=True)


def require_answer(given: Mapping[str, Any]) -> None:
    """Go on only with something answered.

    Raises:
        Problem: ``invalid``.
    """
    answers = (*given["scores"].values(), given["offices_contacted"], given["remark"] or None)
    if all(each is None for each in answers):
        raise Problem("invalid", "Answer at least one question.", [("scores", "nothing is answered")])
