"""All words of the pages, a folder for each language: data, so that a translator needs no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "wording"

#: The first is spoken unless another is asked for.
LANGUAGES = ("id", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, called by their place: ``words("home.title")``."""

    language: str
    texts: Mapping[str, Any]

    def __call__(self, place: str, **values: Any) -> str:
        """Raises LookupError: nobody has written these words, or a value they need is missing."""
        text: str = self.texts[place]
        return text.format(**values) if values else text

    def listed(self, place: str) -> list[str]:
        found: list[str] = self.texts[place]
        return found

    def has(self, place: str) -> bool:
        return place in self.texts


@cache
def words(language: str) -> Words:
    files = sorted((_FOLDER / language).glob("*.yaml"))
    return Words(language, {place: each for file in files for place, each in _flat(yaml.safe_load(file.read_text()))})


def _flat(tree: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    flat = []
    for name, value in tree.items():
        place = f"{above}{name}"
        flat += _flat(value, f"{place}.") if isinstance(value, dict) else [(place, value)]
    return flat
