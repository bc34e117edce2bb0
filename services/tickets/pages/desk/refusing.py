"""Why an act was not taken, in an officer's words."""

from __future__ import annotations

from estafet.web import Problem
from services.tickets.custody import Refused
from services.tickets.pages.photos import fault
from services.tickets.pages.refusing import refusal
from services.tickets.pages.visit import Visit
from services.tickets.pages.words import Words
from services.tickets.photos.rule import FIELD as PHOTOS
from services.tickets.photos.rule import Unfit

#: Fields of the acts' forms that words are written for.
_FIELDS = ("receiver", "right_office", "reason", "words", "until", "text", "agency", "outcome", "receipt")


def said_of(problem: Problem, words: Words) -> str:
    """What is wrong, and what to do next."""
    place = f"desk.problems.{problem.kind.slug}"
    return words(place) if words.has(place) else refusal(problem, words, None).says


def hindrance(refused: Refused, words: Words, bound_by: str) -> str:
    """Why an act is not possible now."""
    return words(f"desk.problems.{refused.slug}") if refused.slug != "bound" else words("desk.bound", office=bound_by)


def faults(problem: Problem, visit: Visit) -> dict[str, str]:
    """What is wrong, by the field it stands beside. A browser forgets the files of a form that comes back."""
    if isinstance(problem, Unfit):
        return {PHOTOS: fault(problem, visit)}
    fields = [path.split(".")[-1] for path, _ in problem.errors]
    found = {each: visit.words(f"desk.faults.{each}") for each in fields if each in _FIELDS}
    return found | ({PHOTOS: visit.words("photos.again")} if visit.files else {})
