"""The providers that a setting names: their URLs in the order in which they are asked, each with its rate."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from estafet.settings import SettingError


@dataclass(frozen=True, slots=True)
class Wanted:
    """A provider by its URL, without what is ours in it.

    Attributes:
        name: such as ``sms-2``: the channel, and which in its order.
        rate: messages a second; None: as many as there are.
    """

    name: str
    url: str = field(repr=False)
    rate: int | None = None


def read(variable: str, channel: str, text: str) -> list[Wanted]:
    """The URLs of a setting, separated by ``;``.

    Raises:
        SettingError: a rate is no whole number of messages a second.
    """
    urls = [each.strip() for each in text.split(";") if each.strip()]
    return [_wanted(variable, f"{channel}-{at}", url) for at, url in enumerate(urls, 1)]


def _wanted(variable: str, name: str, url: str) -> Wanted:
    front, _, query = url.partition("?")
    given = query.split("&") if query else []
    rates = [each.removeprefix("rate=") for each in given if each.startswith("rate=")]
    if not rates:
        return Wanted(name, url)
    if not re.fullmatch("[1-9][0-9]{0,4}", rates[0]):
        raise SettingError(f"{variable}: rate must be a whole number of messages a second, such as rate=10")
    rest = "&".join(each for each in given if not each.startswith("rate="))
    return Wanted(name, f"{front}?{rest}" if rest else front, int(rates[0]))
