"""What an officer can choose in a form, each with what would come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from estafet.events.reasons import REASONS, reasons_for
from services.tickets.access.sight import Sight
from services.tickets.custody import foresight
from services.tickets.custody.foresight import Fate, Foresight
from services.tickets.pages.words import Words

#: Chosen instead of an office: whichever is competent, or whoever coordinates.
OPEN = "-"


@dataclass(frozen=True, slots=True)
class Choice:
    """An office, or :data:`OPEN`, and what would come of asking it."""

    value: str
    name: str
    fate: Fate
    says: str


def receivers(sight: Sight, words: Words) -> dict[str, list[Choice]]:
    """Whom the holder may ask, by what would come of it."""
    open_choice = words("desk.choose.competent")
    return _grouped(sight, words, open_choice, lambda office: foresight.handoff(sight.case, sight.directory, office))


def right_offices(sight: Sight, words: Words) -> dict[str, list[Choice]]:
    """Whose it may be in the judgement of the office that refuses it, by what would come of it."""
    open_choice = words("desk.choose.coordinator")
    return _grouped(sight, words, open_choice, lambda office: foresight.refusal(sight.case, sight.directory, office))


def reasons(act: str, language: str) -> list[tuple[str, str]]:
    """The reasons for an act: code and standard sentence."""
    return [(code, getattr(REASONS[code], language)) for code in reasons_for(act)]


def says(foreseen: Foresight, office: str | None, sight: Sight, words: Words) -> str:
    """The consequence, as a sentence or two."""
    directory = sight.directory
    named = directory.name(office) if office else ""
    why = [words(f"desk.why.{rule}", office=named, hops=sight.case.hops) for rule in foreseen.why]
    if foreseen.fate is Fate.CONVENED:
        who = directory.name(foreseen.coordinator) if foreseen.coordinator else words("desk.fate.somebody")
        return " ".join([*why, words("desk.fate.convened", coordinator=who)])
    if foreseen.fate is Fate.IMPOSSIBLE:
        return " ".join([*why, words("desk.fate.impossible")])
    return words(f"desk.fate.{foreseen.fate.value}", office=named)


def _grouped(
    sight: Sight, words: Words, open_choice: str, foresee: Callable[[str | None], Foresight]
) -> dict[str, list[Choice]]:
    groups: dict[str, list[Choice]] = {fate.value: [] for fate in (Fate.ASKED, Fate.CONVENED, Fate.ROUTING)}
    for office in (None, *_holding(sight)):
        foreseen = foresee(office)
        if foreseen.fate is Fate.IMPOSSIBLE:
            continue
        name = sight.directory.name(office) if office else open_choice
        choice = Choice(office or OPEN, name, foreseen.fate, says(foreseen, office, sight, words))
        groups[foreseen.fate.value].append(choice)
    return {fate: choices for fate, choices in groups.items() if choices}


def _holding(sight: Sight) -> Iterable[str]:
    directory = sight.directory
    return sorted(filter(directory.can_hold, directory.offices), key=lambda code: directory.name(code).casefold())
