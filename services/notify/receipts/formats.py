"""Providers that say in a format of their own what became of a message, and what each signs it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from services.notify.channels.provider_urls import ProviderUrl
from services.notify.receipts import meta, twilio

TWILIO, META = "twilio", "meta"
#: By the scheme that apprise has for them.
_FORMATS = {"twilio": TWILIO, "whatsapp": META}

#: What is added to the request that sends a message: (as `requests` is given it, the message's id).
Tell = Callable[[Mapping[str, Any], str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Format:
    """A provider's: ``kind`` is one of those above."""

    kind: str
    secret: str = field(repr=False)


def format_of(provider: ProviderUrl) -> Format | None:
    """None: the provider has no format that we know, or we are not told what it signs with."""
    kind = _FORMATS.get(provider.url.partition("://")[0])
    secret = provider.signing
    if kind == TWILIO and "apikey=" not in provider.url:  # else the password is the key's, and signs nothing
        secret = secret or unquote(urlsplit(provider.url).password or "")
    return Format(kind, secret) if kind and secret else None


def tell(provider: ProviderUrl, public_url: str) -> Tell | None:
    """How this provider learns, with each message, how to speak of it. None: it cannot be told, or not reach us."""
    own = format_of(provider)
    if own is None or not public_url.startswith("https://"):
        return None
    if own.kind == META:
        return meta.told
    return lambda options, id: twilio.told(options, address(public_url, provider.name, TWILIO, id))


def address(public_url: str, provider: str, kind: str, id: str | None = None) -> str:
    """Where a provider sends what it says."""
    return "/".join(part for part in (f"{public_url}/callbacks/{provider}/{kind}", id) if part)
