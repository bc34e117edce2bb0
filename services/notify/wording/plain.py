"""Text as a letter may hold it: nothing invisible, no line that passes for another's."""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """Without line breaks or control characters: what a mail header may hold."""
    return " ".join((text if text.isprintable() else "".join(map(_spaced, text))).split())


def clean(text: str) -> str:
    """Without control characters; line breaks stay."""
    if text.replace("\n", "").isprintable():  # as nearly all are: nothing to look at one by one
        return text
    return "".join(each for each in text if each == "\n" or _printable(each))


def quoted(text: str) -> str:
    """Somebody's own words, marked line by line, so that they cannot pass for ours."""
    return "\n".join(f"> {line}" for line in clean(text.replace("\r", "\n")).strip().splitlines())


def _spaced(character: str) -> str:
    return character if _printable(character) else " "


def _printable(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
