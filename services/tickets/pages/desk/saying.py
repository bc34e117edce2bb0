"""Why an act was not taken, in an officer's words."""

from __future__ import annotations

from typing import Any

from estafet.web import Problem
from services.tickets.custody import Refused
from services.tickets.pages.refusing import refusal
from services.tickets.pages.words import Words

#: Fields of the acts' forms that words are written for.
_FIELDS = ("receiver", "right_office", "reason", "words", "until", "text", "agency", "outcome", "receipt")


def said_of(problem: Problem, words: Words) -> str:
    """What is wrong, and what to do next."""
    place = f"desk.problems.{problem.kind.slug}"
    return words(place) if words.has(place) else refusal(problem, words, None).says


def hindrance(refused: Refused, words: Words, bound_by: str) -> str:
    """Why an act is not possible now."""
    return words(f"desk.problems.{refused.slug}") if refused.slug != "bound" else words("desk.bound", office=bound_by)


def faults(problem: Problem, words: Words) -> dict[str, str]:
    """What is wrong, by the field it stands beside."""
    fields = [path.split(".")[-1] for path, _ in problem.errors]
    return {each: words(f"desk.faults.{each}") for each in fields if each in _FIELDS}


def version_in(text: Any) -> int:
    """The version that a form was made for.

    Raises:
        Problem: ``malformed``.
    """
    version = str(text or "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        raise Problem("malformed", "The form names no version.")
    return int(version)
