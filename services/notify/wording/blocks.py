"""A letter's text taken apart, so that the same words make its HTML: a city writes each letter once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

#: (kind, lines). Kinds: ``text``, ``list``, ``quote``, and those of the links there are.
Block = tuple[str, list[str]]


def blocks(text: str, links: Mapping[str, str]) -> list[Block]:
    """Paragraphs, lists (``- ``), somebody's own words (``> ``), and lines that are nothing but one of ``links``.

    Args:
        text: as a person reads it.
        links: address → kind. Nothing else in a text becomes a link: it may be somebody's who wishes us ill.
    """
    found: list[Block] = []
    for kind, lines in groupby(text.splitlines(), key=lambda line: _kind(line, links)):
        if kind:
            found.append((kind, [_content(kind, line) for line in lines]))
    return found


def _kind(line: str, links: Mapping[str, str]) -> str:
    if not line:
        return ""
    if line.startswith("> ") or line == ">":
        return "quote"
    if line.startswith("- "):
        return "list"
    return links.get(line, "text")


def _content(kind: str, line: str) -> str:
    return line[2:] if kind in ("quote", "list") else line
