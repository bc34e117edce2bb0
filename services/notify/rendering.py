"""Wording: a message's facts in, subject and text out, in the reader's language.

The words are in ``wording/<language>/<template>.txt``, the subject in the first line. A template names codes and the
filters here turn them into what a person reads: ``{{ receiver | office }}``, ``{{ reason | sentence }}``,
``{{ accept_by | moment }}``. An undefined name is an error, never an empty place in a letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from estafet.events.reasons import REASONS
from services.notify.directory import Directory
from services.notify.vocabulary import CONFIDENTIAL_SUBJECT, DAYS, LOCALES, MOMENT, MONTHS, TERMS

#: Offices and agencies are written to in the city's language.
OFFICE_LOCALE = "id"

_FOLDER = Path(__file__).parent / "wording"
_SUBJECT_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Wording:
    """What is sent: plain text, and a subject that is one line whatever the facts were."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class About:
    """The report a message is about, and where its reader follows it. ``secret`` is for the reporter alone."""

    code: str
    category: str
    confidential: bool
    public_url: str
    secret: str | None = None

    @property
    def link(self) -> str:
        """The report's page. The secret is in the fragment, which no browser sends: it stays out of servers' logs."""
        page = f"{self.public_url}/t/{self.code}"
        return f"{page}#{self.secret}" if self.secret else page


def render(template: str, locale: str, facts: Mapping[str, Any], about: About, directory: Directory) -> Wording:
    """Put a message into words. Times in ``facts`` are RFC 3339 texts, as they are stored.

    Raises:
        jinja2.TemplateError: there is no such template, or it names a fact that is not given.
    """
    language = locale if locale in LOCALES else OFFICE_LOCALE
    source = _environment(language).get_template(f"{template}.txt")
    text = source.render(
        facts,
        code=about.code,
        category=about.category,
        secret=about.secret,
        link=about.link,
        city=directory.city,
        emergency=directory.emergency_number if about.category in directory.emergencies else None,
        directory=directory,
    )
    subject, _, body = text.partition("\n")
    if about.confidential:
        subject = CONFIDENTIAL_SUBJECT[language].format(code=about.code)
    return Wording(one_line(subject)[:_SUBJECT_LIMIT], _clean(body).strip() + "\n")


def templates(locale: str) -> frozenset[str]:
    """The names of the messages that have a wording in this language."""
    return frozenset(path.stem for path in (_FOLDER / locale).glob("*.txt") if not path.stem.startswith("_"))


def one_line(text: str) -> str:
    """Without line breaks or control characters: what a mail header may hold."""
    return " ".join((text if text.isprintable() else "".join(map(_spaced, text))).split())


def _spaced(character: str) -> str:
    return character if _printable(character) else " "


def _printable(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _clean(text: str) -> str:
    if text.replace("\n", "").isprintable():  # as nearly all are: nothing to look at one by one
        return text
    return "".join(each for each in text if each == "\n" or _printable(each))


@cache
def _environment(locale: str) -> Environment:
    # Plain text: there is no markup to escape; hostile characters are taken out of the finished text.
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / locale),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_filters(locale))
    return environment


def _filters(locale: str) -> dict[str, Callable[..., str]]:
    @pass_context
    def office(context: Context, code: str) -> str:
        return _directory(context).office_name(code)

    @pass_context
    def offices(context: Context, codes: Iterable[str]) -> str:
        return listed(_directory(context).office_name(code) for code in codes)

    @pass_context
    def category_name(context: Context, code: str) -> str:
        return _directory(context).category_name(code, locale)

    @pass_context
    def moment(context: Context, text: str) -> str:
        return in_words(datetime.fromisoformat(text), _directory(context).timezone, locale)

    def sentence(code: str) -> str:
        reason = REASONS.get(code)
        return getattr(reason, locale) if reason else code

    def term(word: str) -> str:
        return TERMS[locale].get(word, word)

    def terms(words: Iterable[str]) -> str:
        return listed(term(word) for word in words)

    def listed(items: Iterable[str]) -> str:
        *most, last = items
        return f"{', '.join(most)} {term('and')} {last}" if most else last

    def rules(because: Iterable[Mapping[str, str]]) -> str:
        return "\n".join(f"- {one_line(each[locale])}" for each in because)

    return {
        "office": office,
        "offices": offices,
        "category_name": category_name,
        "moment": moment,
        "sentence": sentence,
        "term": term,
        "terms": terms,
        "rules": rules,
        "quoted": quoted,
    }


def _directory(context: Context) -> Directory:
    directory = context["directory"]
    assert isinstance(directory, Directory)
    return directory


def quoted(text: str) -> str:
    """Somebody's own words, marked line by line, so that they cannot pass for ours."""
    return "\n".join(f"> {line}" for line in _clean(text.replace("\r", "\n")).strip().splitlines())


def in_words(moment: datetime, timezone: str, locale: str) -> str:
    """A time as people say it where the city is, such as ``Senin, 30 November 2026 pukul 16.00 WIB``."""
    local = moment.astimezone(ZoneInfo(timezone))
    return MOMENT[locale].format(
        day=DAYS[locale][local.weekday()],
        d=local.day,
        month=MONTHS[locale][local.month - 1],
        year=local.year,
        hour=local.hour,
        minute=local.minute,
        zone=local.tzname(),
    )
