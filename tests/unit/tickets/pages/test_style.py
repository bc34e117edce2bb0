"""No rule of a stylesheet is for what no page has that it stands in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from services.tickets import pages
from services.tickets.custody.foresight import Fate
from services.tickets.pages.coordinator import sankey
from services.tickets.pages.coordinator.overdue import MEASURES
from services.tickets.pages.drawing import _sheet
from services.tickets.pages.files import SHEETS
from services.tickets.pages.stations import Mark
from services.tickets.statistics.flows import _COUNTED

FOLDER = Path(pages.__file__).parent
TEMPLATES = {each.relative_to(FOLDER / "templates").as_posix(): each for each in FOLDER.glob("templates/**/*.html")}
SCRIPTS = {sheet: ["pages.js", *(["desk.js"] if sheet.startswith(("desk", "coordinator")) else [])] for sheet in SHEETS}
#: Classes that are filled in when a page is made: what a station, a report, a handoff, a choice or a number is.
FILLED_IN = {*(each.value for each in (*Mark, *Fate)), *_COUNTED, *MEASURES, *sankey.KINDS, "closed", "resolved"}
FILLED_IN |= {"baton", "stopped", "at-desk", "on-phone"}
#: What a template calls by name, with what is filled in there.
CALLED = re.compile(r"""(?:class|id)="(?:\{\{.*?\}\}|\{%.*?%\}|[^"{])*"|[\w-]+(?==")|\bdata-[\w-]+|\bhidden\b""")
#: What a selector calls by name: a class, an id, an attribute.
NAMED = re.compile(r"[.#\[]([a-zA-Z][\w-]*)")


def together(template: str) -> set[str]:
    """A template, and all that it extends, includes and imports."""
    found, more = set(), {template}
    while more:
        found |= more
        sources = (Environment().parse(TEMPLATES[each].read_text()) for each in more)
        more = {each for source in sources for each in meta.find_referenced_templates(source) if each} - found
    return found


@cache
def called(sheet: str) -> set[str]:
    """Every class, id and attribute of what is drawn with a stylesheet, and every word of its scripts."""
    drawn = {each for name in TEMPLATES if _sheet(name) == sheet for each in together(name)}
    marked = (text for name in drawn for text in CALLED.findall(TEMPLATES[name].read_text()))
    scripts = ((FOLDER / "static" / each).read_text() for each in SCRIPTS[sheet])
    return {word for text in (*marked, *scripts) for word in re.findall(r"[\w-]+", text)}


def unknown(rules: str, names: set[str]) -> set[str]:
    selectors = re.sub(r"\{[^{}]*\}", " ", re.sub(r"/\*.*?\*/", "", rules, flags=re.DOTALL))
    return set(NAMED.findall(selectors)) - names - FILLED_IN


@pytest.mark.parametrize("part", sorted(each.stem for each in (FOLDER / "style").iterdir()))
def test_every_rule_is_for_something_that_is_on_a_page(part: str) -> None:
    sheets = [sheet for sheet, parts in SHEETS.items() if part in parts]
    names = {"qr"}.union(*(called(each) for each in sheets))
    assert unknown((FOLDER / f"style/{part}.css").read_text(), names) == set()


def test_a_rule_that_is_for_nothing_is_found() -> None:
    rules = "/* .gone */ .box > .vanished:not([data-lost]) { margin: .5rem; } @media print { #nowhere { margin: 0 } }"
    assert unknown(rules, {"box"}) == {"vanished", "data-lost", "nowhere"}
