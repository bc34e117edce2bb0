"""What a problem is called on a page, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estafet.web import Problem
from services.tickets.pages.words import Words

#: 401 would make browsers ask for a password; no form of ours names the version in a header.
_STATUS = {401: 403, 412: 409}
_SAID = {
    "mistyped-code": "mistyped-code",
    "not-found": "not-found",
    "method-not-allowed": "no-page",
    "foreign-form": "form",
    "stale": "stale",
    "too-large": "too-large",
    "too-many-requests": "too-many-requests",
    "busy": "unavailable",
    "unavailable": "unavailable",
    "unexpected": "unexpected",
}
_BY_STATUS = {400: "invalid", 401: "forbidden", 403: "forbidden", 409: "conflict", 412: "stale", 422: "invalid"}
#: Seconds, where nobody has said how many.
_SOON = "5"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a page of refusal says.

    Attributes:
        code: the report to go back to; None: the front page.
        asks_key: it may be that its key opens it.
        headers: what the answer is sent with, such as when to come again.
    """

    status: int
    title: str
    says: str
    code: str | None
    asks_key: bool
    headers: Mapping[str, str]


def refusal(problem: Problem, words: Words, code: str | None) -> Refusal:
    slug, status = problem.kind.slug, problem.kind.status
    place = _SAID.get(slug) or _BY_STATUS.get(status, "unexpected")
    if place == "not-found" and code is None:
        place = "no-page"
    seconds = problem.headers.get("Retry-After", _SOON)
    says = words(f"problems.{place}.says", seconds=seconds)
    if slug == "wrong-token":
        says = words("follow.key_wrong")
    asks_key = code is not None and place in ("not-found", "forbidden")
    headers = {name: text for name, text in problem.headers.items() if name != "WWW-Authenticate"}
    return Refusal(_STATUS.get(status, status), words(f"problems.{place}.title"), says, code, asks_key, headers)
