"""The page on which a reader chooses how to be told: what it asks, and what its form says. Rules alone, no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from services.notify.preferences.preference import CHANNELS, Preference, Quiet, hour
from services.notify.wording import pages
from services.notify.wording.blocks import blocks
from services.notify.wording.phrasebook import Language, Phrasebook
from services.notify.wording.sandbox import rendered
from services.notify.wording.vocabulary import LOCALES

#: What stands in the fields for hours until somebody chooses others.
_MORNING = time(7)
_NIGHT = Quiet(time(21), time(6))

_AT_ONCE, _DAILY = "at-once", "daily"
_ANY_HOUR, _NO_TEXTS, _NOTHING = "any-hour", "no-texts", "nothing"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose page it is.

    Attributes:
        wish: what holds.
        locale: language of the messages.
        channels: those that lead to them, in the usual order.
        code: the report's; empty for an office.
        office: an office's name; empty for a reporter.
    """

    wish: Preference
    locale: str
    channels: Sequence[str]
    code: str = ""
    office: str = ""


def chosen(form: Mapping[str, Any], reader: Reader) -> tuple[Preference, list[str]]:
    """What the form says, and the fields of it that hold no answer: in their places is what held before, or the usual.

    What the form does not ask stays.
    """
    before, wrong = reader.wish, list[str]()

    def one_of(name: str, values: Sequence[str], otherwise: str) -> str:
        if form.get(name) not in values:
            wrong.append(name)
        return form[name] if name not in wrong else otherwise

    def at(name: str, otherwise: time) -> time:
        try:
            return hour(str(form.get(name)))
        except ValueError:
            wrong.append(name)
            return otherwise

    channel = one_of("channel", CHANNELS, "") if "channel" in form else before.channel
    language = one_of("language", LOCALES, reader.locale)
    daily = one_of("digest", (_AT_ONCE, _DAILY), _AT_ONCE) == _DAILY
    digest = at("hour", before.digest or _MORNING) if daily else None
    when = one_of("quiet", (_ANY_HOUR, _NO_TEXTS, _NOTHING), _ANY_HOUR)
    night, quiet = before.quiet or _NIGHT, None
    if when != _ANY_HOUR:
        quiet = Quiet(at("begins", night.begins), at("ends", night.ends), texts=when == _NO_TEXTS)
    return Preference(channel or before.channel, language, digest, quiet), wrong


def page(reader: Reader, book: Phrasebook, saved: bool = False, wrong: Collection[str] = ()) -> str:
    """The page, in the reader's language. ``wrong``: the fields that hold no answer.

    Raises:
        jinja2.TemplateError: the wording is wrong; it was proved at the start.
    """
    language = book.language(reader.locale)
    headline, text = language.parted("_preferences", {"code": reader.code, "office": reader.office})
    facts = {
        "locale": language.locale,
        "headline": headline,
        "body": blocks(text, {}),
        "saved": language.terms["choose-saved"] if saved else "",
        "wrong": language.terms["choose-wrong"] if wrong else "",
        "fields": _fields(reader, language, wrong),
        "button": language.terms["choose-save"],
    }
    return rendered(book.preferences, facts)


def gone(locale: str, book: Phrasebook) -> str:
    """What is shown to who follows a link that is none of ours (any more). Raises as :func:`page` does."""
    return pages.page(book, locale, "_gone", {})


def in_language(reader: Reader, wish: Preference) -> Reader:
    """The reader, when this holds."""
    return replace(reader, wish=wish, locale=wish.language or reader.locale)


def _fields(reader: Reader, language: Language, wrong: Collection[str]) -> list[dict[str, Any]]:
    wish = reader.wish
    quiet = wish.quiet or _NIGHT
    when = _ANY_HOUR if wish.quiet is None else _NO_TEXTS if quiet.texts and reader.code else _NOTHING
    hours = (_ANY_HOUR, _NO_TEXTS, _NOTHING) if reader.code else (_ANY_HOUR, _NOTHING)
    first = wish.channel if wish.channel in reader.channels else next(iter(reader.channels), None)
    asked = [
        _field("channel", reader.channels, first, language),
        _field("language", LOCALES, wish.language or language.locale, language),
        _field("digest", (_AT_ONCE, _DAILY), _AT_ONCE if wish.digest is None else _DAILY, language),
        _field("quiet", hours, when, language),
    ]
    asked[2]["times"] = [_time("hour", wish.digest or _MORNING, language, wrong)]
    asked[3]["times"] = [
        _time("begins", quiet.begins, language, wrong),
        _time("ends", quiet.ends, language, wrong),
    ]
    return [each for each in asked if len(each["choices"]) > 1]  # nobody is asked what makes no difference


def _field(name: str, values: Sequence[str], chosen: str | None, language: Language) -> dict[str, Any]:
    choices = [
        {"value": each, "label": language.terms.get(f"choose-{each}", each.capitalize()), "chosen": each == chosen}
        for each in values
    ]
    return {"name": name, "label": language.terms[f"choose-{name}"], "choices": choices, "times": []}


def _time(name: str, value: time, language: Language, wrong: Collection[str]) -> dict[str, Any]:
    return {
        "name": name,
        "label": language.terms[f"choose-{name}"],
        "value": f"{value:%H:%M}",
        "wrong": name in wrong,
    }
