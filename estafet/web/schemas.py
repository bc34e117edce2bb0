"""What a request may carry, and how a schema's complaint is told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from estafet.events.complaints import flatten
from estafet.web.problems import Problem


class Input(Schema):
    """Base of request schemas. A field we do not know is refused by name: silence would hide a typing error."""

    class Meta:
        unknown = RAISE


class FieldProblem(Schema):
    field = fields.String(required=True)
    reason = fields.String(required=True)


class ProblemDetails(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem))


@cache
def instance(schema: type[Schema]) -> Schema:
    """One instance of a schema for all: making one takes longer than using it."""
    return schema()


def load(schema: type[Schema], document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as Python values.

    Raises:
        Problem: ``invalid``, with each field and its reason.
    """
    try:
        loaded: dict[str, Any] = instance(schema).load(document)
    except ValidationError as error:
        errors = list(flatten(error.normalized_messages()))
        named = ", ".join(sorted({field or "body" for field, _ in errors}))
        raise Problem("invalid", f"Correct {named} and send it again.", errors) from error
    return loaded
