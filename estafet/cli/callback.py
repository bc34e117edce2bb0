"""``estafet callback``: what a provider of messages is told, so that it can say what became of them."""

from __future__ import annotations

import click

from estafet.cli.connection import console
from estafet.cli.failure import Failure, needs_serve
from estafet.settings import from_environment


@click.command("callback")
@click.argument("provider")
def callback_command(provider: str) -> None:
    """Print the path and the token for PROVIDER, such as sms-1: the first that ESTAFET_SMS names."""
    key = from_environment().callback_key
    if key is None:
        raise Failure("Set ESTAFET_CALLBACK_KEY, for notify too: without it no provider is heard.")
    token = needs_serve("services.notify.callbacks").token(key, provider)
    console.print(f"POST /callbacks/{provider}\nAuthorization: Bearer {token}", markup=False, soft_wrap=True)
    console.print(f"or, where no header can be sent: /callbacks/{provider}?token={token}", markup=False, soft_wrap=True)
