"""A form of ours, as the pages take it."""

from __future__ import annotations

from typing import Any

from estafet.web import Problem
from estafet.web.forms import pairs
from estafet.web.server import HttpRequest

_MOST_FIELDS = 100
#: Fields that may be ticked more than once.
_LISTS = ("consent",)


def parse(request: HttpRequest) -> dict[str, Any]:
    """The fields, with one kind of line end; those in ``_LISTS`` as lists.

    Raises:
        Problem: ``malformed``.
    """
    form: dict[str, Any] = {name: [] for name in _LISTS}
    for name, text in pairs(request, _MOST_FIELDS):
        value = text.replace("\r\n", "\n")
        if name in _LISTS:
            form[name].append(value)
        else:
            form[name] = value
    return form


def number(text: Any, digits: int = 9) -> int | None:
    """A number of so many digits at most; None: it is none."""
    said = str(text or "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= digits else None


def version_in(text: Any) -> int:
    """The version of the report that a form was made for.

    Raises:
        Problem: ``malformed``.
    """
    found = number(text)
    if found is None:
        raise Problem("malformed", "The form names no version.")
    return found
