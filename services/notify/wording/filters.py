"""What a template may do with a fact: turn a code or a time into what a person reads.

``{{ receiver | office }}``, ``{{ reason | sentence }}``, ``{{ accept_by | moment }}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from jinja2 import UndefinedError, pass_context
from jinja2.runtime import Context

from estafet.events.reasons import REASONS
from services.notify.directory import Directory
from services.notify.wording.plain import one_line, quoted
from services.notify.wording.vocabulary import in_words


def filters(locale: str, terms: Mapping[str, str]) -> dict[str, Callable[..., Any]]:
    """The filters of one language."""

    @pass_context
    def office(context: Context, code: str) -> str:
        return office_name(_directory(context), code)

    @pass_context
    def offices(context: Context, codes: Iterable[str]) -> str:
        return listed(office_name(_directory(context), code) for code in codes)

    @pass_context
    def category_name(context: Context, code: str) -> str:
        return one_line(_directory(context).category_name(code, locale))

    @pass_context
    def moment(context: Context, text: str) -> str:
        return in_words(datetime.fromisoformat(text), _directory(context).timezone, locale)

    def sentence(code: str) -> str:
        reason = REASONS.get(code)
        return getattr(reason, locale) if reason else code

    def term(word: str) -> str:
        return terms.get(word, word)

    def all_terms(words: Iterable[str]) -> str:
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
        "terms": all_terms,
        "rules": rules,
        "quoted": quoted,
        "line": one_line,
    }


def office_name(directory: Directory, code: str | None) -> str:
    """The office's name, on one line.

    Raises:
        jinja2.UndefinedError: there is no office; a letter must not say that nobody holds a report.
    """
    if not code:
        raise UndefinedError("no office is given")
    return one_line(directory.office_name(code))


def _directory(context: Context) -> Directory:
    directory = context["directory"]
    assert isinstance(directory, Directory)
    return directory
