"""A city's wording, read once: each language's templates and terms, and the layout of letters and pages.

wording/letter.html, page.html, preferences.html   one layout for all languages
wording/_<part>.html                  what several layouts have in common
wording/<language>/<message>.txt      headline in the first line, then the text
wording/<language>/_<part>.txt        what several messages have in common
wording/<language>/terms.yaml         words for codes, and the labels of the line and of buttons
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Template, TemplateError, TemplateSyntaxError

from estafet.settings import default_city
from services.notify.wording.filters import filters
from services.notify.wording.sandbox import Sandbox, rendered
from services.notify.wording.vocabulary import LOCALES, OFFICE_LOCALE

TERMS_FILE = "terms.yaml"
#: The layouts.
LETTER, PAGE, PREFERENCES = "letter.html", "page.html", "preferences.html"
#: What messages end with, by whom they are to, and all; the two states of the page that stops everyday letters; the
#: page of preferences, and what is said to who has no right link to it.
PARTS = ("_follow", "_desk", "_choose", "_stop", "_stopped", "_preferences", "_gone")
#: Terms around the templates of letters: subject, buttons, links.
_LETTERS = ("confidential-subject", "and", "button-follow", "button-desk", "button-stop", "link-stop", "link-choose")
#: Terms of the line of the relay.
_LINE = (
    *("line-holder", "line-last", "line-refused", "line-silent", "line-asked", "line-named", "line-decides"),
    *("line-agency", "by-resolve", "by-unknown", "by-asked"),
)
#: Clocks, states of a report, outcomes of a referral, what was shared with an agency.
_CODES = (
    *("accept", "hold", "resolve", "referral"),
    *("held", "requested", "offered", "convened", "resolved", "closed"),
    *("received", "settled", "declined"),
    *("name", "contact", "text", "place"),
)
#: Terms of the page of preferences.
_CHOICES = (
    *("choose-channel", "choose-email", "choose-whatsapp", "choose-sms", "choose-language", "choose-id", "choose-en"),
    *("choose-digest", "choose-at-once", "choose-daily", "choose-hour", "choose-quiet", "choose-any-hour"),
    *("choose-no-texts", "choose-nothing", "choose-begins", "choose-ends"),
    *("choose-save", "choose-saved", "choose-wrong"),
)
#: All that we look up ourselves; a template may use more.
TERMS = (*_LETTERS, *_LINE, *_CODES, *_CHOICES)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to correct. ``line`` is 0 when it is about the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.reason}"


class WordingError(ValueError):
    """Wording that letters cannot be written with: a line for each fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Language:
    """One language's words, compiled."""

    locale: str
    terms: Mapping[str, str]
    templates: Mapping[str, Template]

    def say(self, template: str, facts: Mapping[str, Any]) -> str:
        """Raises jinja2.TemplateError: a fact is missing, or the template does what it may not."""
        return rendered(self.templates[template], facts)

    def parted(self, template: str, facts: Mapping[str, Any]) -> tuple[str, str]:
        """The headline, which is the first line, and what stands below it. Raises as :meth:`say` does."""
        headline, _, text = self.say(template, facts).partition("\n")
        return headline, text


@dataclass(frozen=True, slots=True)
class Phrasebook:
    languages: Mapping[str, Language]
    letter: Template
    page: Template
    preferences: Template

    def language(self, locale: str) -> Language:
        """The reader's language, or the city's when there is no wording in it."""
        return self.languages.get(locale) or self.languages[OFFICE_LOCALE]

    def messages(self, locale: str) -> frozenset[str]:
        """The names of the messages that have a wording in this language."""
        return frozenset(name for name in self.languages[locale].templates if not name.startswith("_"))


def read(folder: Path) -> Phrasebook:
    """Read and compile a folder of wording.

    Raises:
        WordingError: everything that cannot be read or compiled, by file and line.
    """
    faults: list[Fault] = []
    parts = sorted(path.name for path in folder.glob("_*.html"))
    layouts = _compiled(folder, "", (LETTER, PAGE, PREFERENCES, *parts), {}, faults, markup=True)
    languages = {locale: _language(folder, locale, faults) for locale in LOCALES}
    if faults:
        raise WordingError(faults)
    return Phrasebook(languages, layouts["letter"], layouts["page"], layouts["preferences"])


@cache
def packaged() -> Phrasebook:
    """Kediri's, which comes with Estafet."""
    return read(default_city() / "wording")


def _language(folder: Path, locale: str, faults: list[Fault]) -> Language:
    terms = _terms(folder, f"{locale}/{TERMS_FILE}", faults)
    found = {path.name for path in (folder / locale).glob("*.txt")}
    needed = {f"{part}.txt" for part in PARTS}
    templates = _compiled(folder, f"{locale}/", sorted(found | needed), filters(locale, terms), faults)
    return Language(locale, terms, templates)


def _compiled(
    root: Path, folder: str, names: Iterable[str], use: Mapping[str, Any], faults: list[Fault], *, markup: bool = False
) -> dict[str, Template]:
    sources = {name: text for name in names if (text := _text(root, f"{folder}{name}", faults)) is not None}
    environment, compiled = Sandbox(folder, sources, use, markup=markup), {}
    for name in sources:
        try:
            compiled[name.rpartition(".")[0]] = environment.get_template(name)
        except TemplateSyntaxError as error:
            faults.append(Fault(f"{folder}{name}", error.lineno, error.message or "cannot be understood"))
        except TemplateError as error:
            faults.append(Fault(f"{folder}{name}", 0, error.message or "cannot be understood"))
    return compiled


def _text(root: Path, name: str, faults: list[Fault]) -> str | None:
    try:
        return (root / name).read_text(encoding="utf-8")
    except OSError as error:
        faults.append(Fault(name, 0, f"cannot be read: {error.strerror} ({root / name})"))
    except UnicodeDecodeError as error:
        faults.append(Fault(name, 0, f"is not UTF-8 text (byte {error.start})"))
    return None


def _terms(root: Path, name: str, faults: list[Fault]) -> dict[str, str]:
    text = _text(root, name, faults)
    if text is None:
        return {}
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.append(Fault(name, mark.line + 1 if mark else 0, f"is not YAML: {getattr(error, 'problem', error)}"))
        return {}
    if not isinstance(document, dict) or not all(isinstance(each, str) for pair in document.items() for each in pair):
        faults.append(
            Fault(name, 0, "must be words with their meaning, as in `held: being dealt with`, all of them text")
        )
        return {}
    faults += (Fault(name, 0, f"has no {each!r}") for each in TERMS if each not in document)
    return document
