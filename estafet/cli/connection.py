"""How a command reaches a running system: ``--url`` and ``--token``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from estafet.cli.failure import Failure
from estafet.client import Client

DEFAULT_URL = "http://127.0.0.1:8000"

Command = Callable[..., Any]

_url = click.option(
    "--url", envvar="ESTAFET_URL", default=DEFAULT_URL, show_default=True, help="Where tickets listens (ESTAFET_URL)."
)
_token = click.option("--token", envvar="ESTAFET_TOKEN", help="The office's token (ESTAFET_TOKEN).")
_secret = click.option("--secret", envvar="ESTAFET_SECRET", help="The reporter's secret (ESTAFET_SECRET).")


def reaching(command: Command) -> Command:
    """The command is given a ``client``; with a token when there is one."""

    @_url
    @_token
    @functools.wraps(command)
    def wrapped(url: str, token: str | None, **rest: Any) -> Any:
        with Client(url, token) as client:
            return command(client=client, **rest)

    return wrapped


def as_office(command: Command) -> Command:
    """The command is given a ``client`` that acts for an office."""

    @reaching
    @functools.wraps(command)
    def wrapped(client: Client, **rest: Any) -> Any:
        if not client.token:
            raise Failure(
                "An office acts with its token: give --token or set ESTAFET_TOKEN. "
                "The operator issues one: estafet token issue officer OFFICE"
            )
        return command(client=client, **rest)

    return wrapped


def as_reporter(command: Command) -> Command:
    """The command is given a ``client`` and the reporter's ``secret``."""

    @_url
    @_secret
    @functools.wraps(command)
    def wrapped(url: str, secret: str | None, **rest: Any) -> Any:
        if not secret:
            raise Failure("The reporter follows a report with its secret: give --secret or set ESTAFET_SECRET.")
        with Client(url) as client:
            return command(client=client, secret=secret, **rest)

    return wrapped


def with_secret(command: Command) -> Command:
    """The command may be given the reporter's ``secret`` beside a token."""
    return _secret(command)
