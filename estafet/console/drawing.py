"""Turns what was found into HTML. Everything is escaped: names, errors and places may be a stranger's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from estafet.cli.wording import age, attempts, failure, more, pretty, rate, sentences
from estafet.console.history import HEIGHT, WIDTH
from estafet.console.stations import outbox, stations

_FOLDER = Path(__file__).parent / "templates"


class Drawing:
    """Draws templates. ``token`` goes into every form, ``who`` is whom a decision is put down to unless they say."""

    def __init__(self, token: str, who: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            age=age, rate=rate, pretty=pretty, attempts=attempts, failure=failure, moment=moment, number=number
        )
        self._environment.globals.update(
            token=token,
            who=who,
            more=more,
            outbox=outbox,
            stations=stations,
            address=address,
            sentences=sentences,
            curve={"width": WIDTH, "height": HEIGHT},
        )

    def page(self, template: str, **facts: Any) -> str:
        return self._environment.get_template(template).render(now=datetime.now(UTC), **facts)


def moment(time: datetime | None) -> str:
    """To the second, UTC as everywhere."""
    return "-" if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def number(count: int) -> str:
    """With its thousands apart, by a thin space that does not break."""
    return f"{count:,}".replace(",", "\u202f")


def address(*path: str, **asked: str) -> str:
    """A path of ours, with what it is asked."""
    return "/" + "/".join(path) + (f"?{urlencode(asked)}" if asked else "")
