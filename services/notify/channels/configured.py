"""Which channels there are, by the settings: one for letters, and those for text messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from estafet.settings import SettingError, Settings
from services.notify.channels import provider_urls
from services.notify.channels.channel import EMAIL, SMS, TELEGRAM, TEXTS, WHATSAPP, Channel, Letter
from services.notify.channels.failover import Failover, Provider, Rate
from services.notify.channels.folder import Folder
from services.notify.channels.mail_server import server_of
from services.notify.channels.provider_urls import ProviderUrl
from services.notify.channels.smtp import Smtp
from services.notify.receipts.formats import Format, format_of, tell
from services.notify.wording import short

#: How each channel of text messages puts a letter into words.
_WORDS: dict[str, Callable[[Letter], str]] = {
    TELEGRAM: lambda letter: short.chat(letter.wording, letter.link),
    WHATSAPP: lambda letter: short.chat(letter.wording, letter.link),
    SMS: lambda letter: short.sms(letter.wording, letter.link),
}


def mail(settings: Settings) -> Channel:
    """SMTP when servers are named, else the folder ``mail`` beside the data.

    Raises:
        SettingError: a server's address cannot be read.
    """
    servers = provider_urls.read("ESTAFET_SMTP_URL", EMAIL, settings.smtp_url or "")
    if not servers:
        return Folder(settings.data / "mail", settings.mail_from)
    sender, back = settings.mail_from, settings.bounces_to
    lines = [
        Provider(each.name, Smtp(server_of(each.url), sender, ca=settings.tls_ca, bounces_to=back), _rate(each))
        for each in servers
    ]
    return Failover(EMAIL, lines)


def texts(settings: Settings) -> Sequence[Channel]:
    """Those that providers are named for, in the order in which they are tried.

    Raises:
        SettingError: a provider's URL cannot be used.
    """
    return [_text(name, each, settings.public_url) for name, each in providers(settings).items()]


def providers(settings: Settings) -> dict[str, list[ProviderUrl]]:
    """Channel of text messages → its providers, of those that have any.

    Raises:
        SettingError: a rate is none.
    """
    given = {TELEGRAM: settings.telegram, WHATSAPP: settings.whatsapp, SMS: settings.sms}
    found = {name: provider_urls.read(_variable(name), name, given[name] or "") for name in TEXTS}
    return {name: some for name, some in found.items() if some}


def own_formats(settings: Settings) -> dict[str, Format]:
    """Provider → the format of its own in which it says what became of a message, of those that have one."""
    named = [each for some in providers(settings).values() for each in some]
    return {each.name: own for each in named if (own := format_of(each))}


def _variable(channel: str) -> str:
    return f"ESTAFET_{channel.upper()}"


def _text(name: str, providers: Sequence[ProviderUrl], public_url: str) -> Channel:
    variable = _variable(name)
    from services.notify.channels.gateway import Gateway, instance  # large, and of no use where no provider is named

    what, example = ("chat", "123456789") if name == TELEGRAM else ("number", "+6281234567890")
    for each in providers:
        if "{to}" not in each.url:
            raise SettingError(f"{variable} must say {{to}} where the {what} belongs, in each URL")
        if instance(each.url, example, "id") is None:
            raise SettingError(
                f"{variable}: apprise cannot use {each.name}; its page on the provider says how to write it"
            )
    lines = [
        Provider(each.name, Gateway(each, _WORDS[name], tell(each, public_url)), _rate(each)) for each in providers
    ]
    return Failover(name, lines)


def _rate(provider: ProviderUrl) -> Rate | None:
    return Rate(provider.rate) if provider.rate else None
