"""Which channels there are, by the settings: one for letters, and those for text messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from estafet.settings import SettingError, Settings
from services.notify import short, wanted
from services.notify.addresses import PHONES
from services.notify.channel import EMAIL, Channel, Letter
from services.notify.failover import Failover, Provider, Rate
from services.notify.folder import Folder
from services.notify.smtp import FEW, Smtp, server_of
from services.notify.wanted import Wanted

#: How each channel of text messages puts a letter into words.
_TEXTS: dict[str, Callable[[Letter], str]] = {
    "whatsapp": lambda letter: short.chat(letter.wording, letter.link),
    "sms": lambda letter: short.sms(letter.wording, letter.link),
}


def mail(settings: Settings) -> Channel:
    """SMTP when servers are named, else the folder ``mail`` beside the data.

    Raises:
        SettingError: a server's address cannot be read.
    """
    servers = wanted.read("ESTAFET_SMTP_URL", EMAIL, settings.smtp_url or "")
    if not servers:
        return Folder(settings.data / "mail", settings.mail_from)
    sender, back = settings.mail_from, settings.bounces_to
    lines = [
        Provider(each.name, Smtp(server_of(each.url), sender, ca=settings.tls_ca, bounces_to=back), _rate(each))
        for each in servers
    ]
    return Failover(EMAIL, FEW, lines)


def texts(settings: Settings) -> Sequence[Channel]:
    """Those that providers are named for, in the order in which they are tried.

    Raises:
        SettingError: a provider's URL cannot be used.
    """
    given = {"whatsapp": settings.whatsapp, "sms": settings.sms}
    return [_text(name, each) for name in PHONES if (each := given[name])]


def _text(name: str, urls: str) -> Channel:
    variable = f"ESTAFET_{name.upper()}"
    from services.notify.gateway import Gateway, instance  # large, and of no use where no provider is named

    providers = wanted.read(variable, name, urls)
    for each in providers:
        if "{to}" not in each.url:
            raise SettingError(f"{variable} must say {{to}} where the number belongs, in each URL")
        if instance(each.url, "+6281234567890", "id") is None:
            raise SettingError(
                f"{variable}: apprise cannot use {each.name}; its page on the provider says how to write it"
            )
    lines = [Provider(each.name, Gateway(each, _TEXTS[name]), _rate(each)) for each in providers]
    return Failover(name, FEW, lines)


def _rate(provider: Wanted) -> Rate | None:
    return Rate(provider.rate) if provider.rate else None
