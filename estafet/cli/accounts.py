"""The accounts that people sign in to a desk with."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click

from estafet.cli.connection import console
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.operator import table
from estafet.settings import from_environment

ROLES = ("officer", "coordinator", "auditor", "ops")


@click.group("account")
def account_command() -> None:
    """The accounts of people who sign in at a desk."""


@account_command.command("add")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("office", required=False)
def account_add(name: str, role: str, office: str | None) -> None:
    """Let NAME sign in as ROLE, officers and coordinators for an OFFICE.

    The password is asked for, or read from stdin.
    """
    with _tickets().begin() as connection:
        try:
            _accounts().add(connection, name, role, office, _password(), datetime.now(UTC))
        except ValueError as error:
            raise Failure(f"Cannot make the account: {error}.") from error
    console.print(f"{name} can sign in at /desk", markup=False)


@account_command.command("password")
@click.argument("name")
def account_password(name: str) -> None:
    """Set another password for NAME, and end their sessions. It is asked for, or read from stdin."""
    with _tickets().begin() as connection:
        try:
            done = _accounts().change_password(connection, name, _password())
        except ValueError as error:
            raise Failure(f"Cannot set it: {error}.") from error
    if not done:
        raise Failure(f"There is no account {name}. See: estafet account list")
    console.print(f"{name} has another password, and is signed out everywhere", markup=False)


@account_command.command("end")
@click.argument("name")
def account_end(name: str) -> None:
    """End the account NAME and sign it out, now."""
    with _tickets().begin() as connection:
        if not _accounts().end(connection, name, datetime.now(UTC)):
            raise Failure(f"There is no account {name} in force. See: estafet account list")
    console.print(f"{name} has ended", markup=False)


@account_command.command("list")
def account_list() -> None:
    """List the accounts."""
    with _tickets().read() as connection:
        table(_accounts().list_accounts(connection), "There is no account. See: estafet account add --help")


def _password() -> str:
    if sys.stdin.isatty():
        text: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return text
    return sys.stdin.readline().rstrip("\r\n")


def _accounts() -> Any:
    return needs_serve("services.tickets.signin.accounts")


def _tickets() -> Any:
    return needs_serve("estafet.relay.database").connect(from_environment().database("tickets"))
