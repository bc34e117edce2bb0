"""``estafet callback``: what a provider of messages is told, so that it can say what became of them."""

from __future__ import annotations

import click

from estafet.cli.failure import Failure, needs_serve
from estafet.cli.terminal import console
from estafet.settings import Settings, from_environment


@click.command("callback")
@click.argument("provider")
def callback_command(provider: str) -> None:
    """Print what PROVIDER, such as sms-1, the first that ESTAFET_SMS names, needs to say what became of messages."""
    settings = from_environment()
    forms = needs_serve("services.notify.receipts.ownforms")
    form = needs_serve("services.notify.channels.configured").own_forms(settings).get(provider)
    if form is not None and form.kind == forms.TWILIO:
        _say(f"{provider} is told where with each message, if ESTAFET_PUBLIC_URL is https: there is nothing to set up.")
    elif form is not None:
        _say(f"Callback URL: {forms.address(settings.public_url, provider, form.kind)}")
        _say(f"Verify token: {_token(settings, provider)}")
        _say("Subscribe the app to the field: messages")
    else:
        token = _token(settings, provider)
        _say(f"POST /callbacks/{provider}\nAuthorization: Bearer {token}")
        _say(f"or, where no header can be sent: /callbacks/{provider}?token={token}")


def _token(settings: Settings, provider: str) -> str:
    if settings.callback_key is None:
        raise Failure("Set ESTAFET_CALLBACK_KEY, for notify too: without it no provider is heard.")
    token: str = needs_serve("services.notify.receipts.callbacks").token(settings.callback_key, provider)
    return token


def _say(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)
