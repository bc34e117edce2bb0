"""The providers that a setting names: their URLs in the order in which they are asked, each with its rate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from estafet.settings import SettingError


@dataclass(frozen=True, slots=True)
class ProviderUrl:
    """A provider by its URL, without what is ours in it.

    Attributes:
        name: such as ``sms-2``: the channel, and which in its order.
        rate: messages a second; None: as many as there are.
        signing: the secret that it signs with what it says later; None: we are not told.
    """

    name: str
    url: str = field(repr=False)
    rate: int | None = None
    signing: str | None = field(default=None, repr=False)


def read(variable: str, channel: str, text: str) -> list[ProviderUrl]:
    """The URLs of a setting, separated by ``;``.

    Raises:
        SettingError: a rate is no whole number of messages a second.
    """
    urls = [each.strip() for each in text.split(";") if each.strip()]
    return [_provider(variable, f"{channel}-{at}", url) for at, url in enumerate(urls, 1)]


def _provider(variable: str, name: str, url: str) -> ProviderUrl:
    front, _, query = url.partition("?")
    given = query.split("&") if query else []
    rate, signing = _ours("rate", given), _ours("signing", given)
    if rate is not None and not re.fullmatch("[1-9][0-9]{0,4}", rate):
        raise SettingError(f"{variable}: rate must be a whole number of messages a second, such as rate=10")
    rest = "&".join(each for each in given if not each.startswith(("rate=", "signing=")))
    return ProviderUrl(name, f"{front}?{rest}" if rest else front, int(rate) if rate else None, signing or None)


def _ours(name: str, given: Sequence[str]) -> str | None:
    return next((unquote(each.removeprefix(f"{name}=")) for each in given if each.startswith(f"{name}=")), None)
