"""The proof of a city's wording: every message in every language, put into words before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import TemplateError

from services.notify.messages import DIGEST, Message
from services.notify.preferences import choosing
from services.notify.preferences.choosing import Reader
from services.notify.preferences.preference import CHANNELS, CITIZEN
from services.notify.preferences.stopped import page
from services.notify.wording import phrasebook, specimens
from services.notify.wording.phrasebook import Fault, Phrasebook, WordingError
from services.notify.wording.rendering import About, render
from services.notify.wording.vocabulary import LOCALES

_ABOUT: Mapping[str, Any] = {
    "code": "KDR-7F3K-92Q",
    "category": "land-certificate",
    "public_url": "https://lapor.example",
}
_CHOOSE = "https://lapor.example/preferences/token/page"
_SECRET = "a-secret"  # noqa: S105 - of nobody


def prove(folder: Path) -> Phrasebook:
    """Read a folder of wording and write every letter with it, on sample facts.

    Raises:
        WordingError: everything that is wrong with it, by file and line.
    """
    book = phrasebook.read(folder)
    faults = [*_missing(book), *(fault for locale in LOCALES for fault in _failing(book, locale))]
    if faults:
        raise WordingError(faults)
    return book


def _missing(book: Phrasebook) -> Iterator[Fault]:
    needed = {each.template for each in specimens.specimens()}
    for locale in LOCALES:
        there = book.messages(locale)
        for name in needed - there:
            yield Fault(f"{locale}/{name}.txt", 0, "is missing: this message has no words")
        for name in there - needed:
            yield Fault(f"{locale}/{name}.txt", 0, "is the wording of no message: is its name misspelt?")


def _failing(book: Phrasebook, locale: str) -> Iterator[Fault]:
    language = book.language(locale)
    for each in specimens.specimens():
        if each.template not in language.templates:
            continue
        try:
            yield from _wanting(each, locale, book)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            yield _fault(error, f"{locale}/{each.template}.txt")
    for file, show in _pages(locale, book):
        try:
            show()
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            yield _fault(error, f"{locale}/{file}.txt")


def _pages(locale: str, book: Phrasebook) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each page there is, with the file of its words."""
    yield "_stop", partial(page, _ABOUT["code"], locale, False, book)
    yield "_stopped", partial(page, _ABOUT["code"], locale, True, book)
    yield "_gone", partial(choosing.gone, locale, book)
    for reader in (Reader(CITIZEN, locale, CHANNELS, code=_ABOUT["code"]), Reader(CITIZEN, locale, (), office="Lurah")):
        yield "_preferences", partial(choosing.page, reader, book)
        yield "_preferences", partial(choosing.page, reader, book, saved=True, wrong=["hour"])


def _wanting(each: Message, locale: str, book: Phrasebook) -> Iterator[Fault]:
    to_reporter = each.audience == "reporter"
    choose = None if each.audience == "agency" else _CHOOSE
    about = About(confidential=False, secret=_SECRET if to_reporter else None, choose=choose, **_ABOUT)
    of_many = each.template == DIGEST and not to_reporter
    if of_many:
        about = replace(about, code="", category="")
    wording = render(each.template, locale, each.facts, about, specimens.directory(), book)
    if wording.brief in (f"[{about.code}]", ""):
        yield Fault(f"{locale}/{each.template}.txt", 1, "must begin with its headline")
    lines = wording.text.splitlines()
    if of_many:
        if any(report["link"] not in lines for report in each.facts["reports"]):
            yield Fault(f"{locale}/{DIGEST}.txt", 0, "must have {{ report.link }} on a line of its own for each report")
    elif each.audience != "agency" and about.link not in lines:
        file = f"{locale}/{'_follow' if to_reporter else '_desk'}.txt"
        yield Fault(file, 0, "must have {{ link }} on a line of its own, or nobody can follow the report")
    if about.choose and about.choose not in lines:
        yield Fault(f"{locale}/_choose.txt", 0, "must have {{ choose }} on a line of its own")
    if to_reporter and about.stop not in lines:
        yield Fault(f"{locale}/_follow.txt", 0, "must have {{ stop }} on a line of its own, where it is given")


def _fault(error: Exception, file: str) -> Fault:
    """In the file and line where it happened, which may be one that the message includes."""
    line = 0
    for frame in extract_tb(error.__traceback__):
        if frame.filename.endswith((".html", ".txt")):
            file, line = frame.filename, frame.lineno or 0
    return Fault(file, line, str(error) or type(error).__name__)
