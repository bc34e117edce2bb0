"""Turns what is shown into HTML. Everything is escaped: reports, names and offices' words are other people's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.tickets.pages import files, guard
from services.tickets.pages.dates import Calendar
from services.tickets.pages.numbers import Numbers
from services.tickets.pages.words import LANGUAGES
from services.tickets.photos.rule import FORM

if TYPE_CHECKING:
    from services.tickets.pages.visit import Visit

_FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(file=files.address, field=guard.FIELD, photo_limits=FORM)
    return environment


def draw(template: str, visit: Visit, **facts: Any) -> str:
    """A template with its facts.

    Every page may use ``say`` (the words), ``language``, ``number`` and ``proof()`` for its forms; and, where it is
    known, ``city``, the directory, with ``calendar``, which says times as they are in that city.
    """
    words, city = visit.words, facts.get("city")
    return (
        _environment()
        .get_template(template)
        .render(
            {
                "say": words,
                "language": words.language,
                "other": next(each for each in LANGUAGES if each != words.language),
                "here": _here(visit),
                "proof": lambda: guard.proof(visit.browser),
                "style": Markup(files.style(_sheet(template))),  # noqa: S704  (our own)
                "number": Numbers(words),
                "city": None,
                "calendar": Calendar(words, ZoneInfo(city.timezone)) if city else None,
                **facts,
            }
        )
    )


def _sheet(template: str) -> str:
    """A folder of templates that has a stylesheet of its own is named like it."""
    folder, _, name = template.rpartition("/")
    return folder if name and folder in files.SHEETS else "citizen"


def _here(visit: Visit) -> str:
    """Where the same page is read in the other language."""
    if visit.request.method == "POST" and visit.code is not None:
        return f"/t/{visit.code}"
    return visit.request.path
