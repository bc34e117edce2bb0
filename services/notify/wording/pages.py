"""A page that says something, with one button or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.notify.wording.blocks import blocks
from services.notify.wording.phrasebook import Phrasebook
from services.notify.wording.sandbox import rendered


def page(book: Phrasebook, locale: str, template: str, facts: Mapping[str, Any], button: str | None = None) -> str:
    """The page with the words of ``template``. ``button``: the term on it; it sends an empty form to the same address.

    Raises:
        jinja2.TemplateError: the wording is wrong; it was proved at the start.
    """
    language = book.language(locale)
    headline, text = language.parted(template, facts)
    shown = language.terms[button] if button else None
    return rendered(
        book.page, {"locale": language.locale, "headline": headline, "body": blocks(text, {}), "button": shown}
    )
