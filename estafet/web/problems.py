"""Every error an endpoint answers with: problem+json (RFC 9457), with the field and the reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its HTTP status, and a title that is the same each time it occurs (RFC 9457, 3.1.4)."""

    slug: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return f"urn:estafet:problem:{self.slug}"


PROBLEMS: Mapping[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind("malformed", 400, "The request cannot be read"),
        Kind("mistyped-code", 400, "The report's code is mistyped"),
        Kind("no-token", 401, "A token is needed"),
        Kind("wrong-token", 401, "The token or secret is not valid"),
        Kind("not-entitled", 403, "Not yours to see or do"),
        Kind("foreign-form", 403, "The form is not from one of our pages"),
        Kind("not-coordinator", 403, "Only a coordinator above the holder may do this"),
        Kind("not-found", 404, "There is nothing here"),
        Kind("method-not-allowed", 405, "This address does not answer that method"),
        Kind("already-requested", 409, "A handoff is already under way"),
        Kind("bound", 409, "The holder is bound by a coordinator's assignment"),
        Kind("closed", 409, "The report is closed"),
        Kind("conflict", 409, "It cannot be done as the report stands"),
        Kind("no-consent", 409, "The reporter has not consented"),
        Kind("nothing-pending", 409, "No handoff is under way"),
        Kind("not-bound", 409, "No assignment binds the holder"),
        Kind("not-holder", 409, "Your office does not hold this report"),
        Kind("not-offered-to-you", 409, "The report is not offered to your office"),
        Kind("not-resolved", 409, "The report is not resolved"),
        Kind("referral-open", 409, "A referral is still open"),
        Kind("resolved", 409, "The report is resolved; it is the reporter's turn"),
        Kind("stale", 412, "The report has changed since you read it"),
        Kind("too-large", 413, "The request is too large"),
        Kind("invalid", 422, "A field is not right"),
        Kind("key-reused", 422, "The Idempotency-Key was used for another request"),
        Kind("named-office", 422, "The report is about this office"),
        Kind("office-cannot-hold", 422, "This office cannot hold reports"),
        Kind("unknown-category", 422, "There is no such category"),
        Kind("unknown-office", 422, "There is no such office"),
        Kind("unfit-photo", 422, "A photo cannot be taken"),
        Kind("version-needed", 428, "Name the version you decided on"),
        Kind("too-many-requests", 429, "You ask too often"),
        Kind("unexpected", 500, "Something went wrong here"),
        Kind("busy", 503, "Too many ask at once"),
        Kind("unavailable", 503, "Not at the moment"),
    )
}

#: What any endpoint that is limited may answer, before it has done anything.
LIMITS = ("too-many-requests", "busy")


class Problem(Exception):
    """An answer that says no, and what to do next.

    Attributes:
        kind: which of :data:`PROBLEMS`.
        detail: one sentence about this occurrence.
        errors: the fields at fault, as (field, reason).
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        errors: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = PROBLEMS[slug]
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [{"field": field, "reason": reason} for field, reason in self.errors]
        return document

    def response(self) -> Response:
        headers = dict(self.headers)
        if self.kind.status == 401:
            headers.setdefault("WWW-Authenticate", 'Bearer realm="estafet"')
        if self.kind.status == 413:
            headers["Connection"] = "close"  # the rest of the body is not read
        return Response(
            json.dumps(self.document(), ensure_ascii=False),
            status=self.kind.status,
            headers=headers,
            content_type="application/problem+json",
        )
