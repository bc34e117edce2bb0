"""``estafet token``: what offices and apps act with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from estafet.cli.databases import database_of
from estafet.cli.failure import Failure, cannot, needs_serve
from estafet.cli.terminal import console, table
from estafet.settings import OFFICE_ROLES, from_environment

ROLES = ("officer", "coordinator", "app", "auditor", "ops")
#: Roles that belong to nobody. An app may have a name.
_NOBODYS = ("auditor", "ops")


@click.group("token")
def token_command() -> None:
    """The tokens that offices and apps act with. They are stored hashed: each is shown once."""


@token_command.command("issue")
@click.argument("role", type=click.Choice(ROLES))
@click.argument("whose", metavar="[OFFICE|APP]", required=False)
@click.option("--label", required=True, help="What or whom it is for, to know it by when it is revoked.")
@click.option("--expires", type=click.DateTime(), help="When it stops working (UTC).")
def token_issue(role: str, whose: str | None, label: str, expires: datetime | None) -> None:
    """Issue a token in ROLE and print it, this once.

    Officers and coordinators act for an OFFICE. What tokens of the same APP send is that app's own: a new token goes on
    where an old one ended.
    """
    if (role in OFFICE_ROLES and not whose) or (role in _NOBODYS and whose):
        raise Failure(f"A token in the role {role} belongs to {'no' if role in _NOBODYS else 'an'} office.")
    until = expires.replace(tzinfo=UTC) if expires else None
    issue = needs_serve("services.tickets.access.tokens").issue
    with _tickets().begin() as connection, cannot("issue a token"):
        text, number = issue(connection, role, whose, label, datetime.now(UTC), expires=until)
    click.echo(text)
    click.echo(f"Keep it now, it is not shown again. To take it back: estafet token revoke {number}", err=True)


@token_command.command("revoke")
@click.argument("id")
def token_revoke(id: str) -> None:
    """Revoke the token with ID; it stops working at once."""
    with _tickets().begin() as connection:
        done = needs_serve("services.tickets.access.tokens").revoke(connection, id, datetime.now(UTC))
    if not done:
        raise Failure(f"There is no token {id} in force. See: estafet token list")
    console.print(f"revoked {id}", markup=False)


@token_command.command("list")
def token_list() -> None:
    """List the tokens, without their texts."""
    with _tickets().read() as connection:
        table(needs_serve("services.tickets.access.tokens").list_tokens(connection), "No token was issued.")


def _tickets() -> Any:
    return database_of(from_environment(), "tickets")
