"""The operator's tasks: the city's data, tokens, and messages that could not be handled.

They work on a service's own database; the running service picks up what they change.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from estafet.cli import citydata
from estafet.cli.connection import console
from estafet.cli.failure import Failure, needs_serve
from estafet.settings import from_environment

ROLES = ("officer", "coordinator", "app", "auditor", "ops")
_OF_OFFICE = ("officer", "coordinator")
#: Roles that belong to nobody. An app may have a name.
_NOBODYS = ("auditor", "ops")

folder = click.argument("folder", type=click.Path(path_type=Path))


@click.group("city")
def city_command() -> None:
    """A city's offices, services and policy: a folder like city/kediri."""


@city_command.command("check")
@folder
def city_check(folder: Path) -> None:
    """Check FOLDER, its wording of letters too; what is wrong is named by file, and by entry and field, or line."""
    city = citydata.check(folder)
    wording = citydata.check_wording(folder)
    console.print(f"{city.name}: {len(city.offices)} offices, {len(city.services)} services, fit to load", markup=False)
    console.print(wording, markup=False)


@city_command.command("load")
@folder
def city_load(folder: Path) -> None:
    """Check FOLDER and load it into routing, which tells the other services."""
    console.print(citydata.load_city(from_environment(), folder), markup=False)


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
    if (role in _OF_OFFICE and not whose) or (role in _NOBODYS and whose):
        raise Failure(f"A token in the role {role} belongs to {'no' if role in _NOBODYS else 'an'} office.")
    until = expires.replace(tzinfo=UTC) if expires else None
    issue = needs_serve("services.tickets.access.tokens").issue
    with _tickets().begin() as connection:
        try:
            text, number = issue(connection, role, whose, label, datetime.now(UTC), expires=until)
        except ValueError as error:
            raise Failure(f"Cannot issue a token: {error}") from error
    click.echo(text)
    click.echo(f"Keep it now, it is not shown again. To take it back: estafet token revoke {number}", err=True)


@token_command.command("revoke")
@click.argument("id")
def token_revoke(id: str) -> None:
    """Revoke the token with ID; it stops working at once."""
    with _tickets().begin() as connection:
        done = needs_serve("services.tickets.access.tokens").revoke(connection, id, datetime.now(UTC))
    if done is False:
        raise Failure(f"There is no token {id} in force. See: estafet token list")
    console.print(f"revoked {id}", markup=False)


@token_command.command("list")
def token_list() -> None:
    """List the tokens, without their texts."""
    with _tickets().read() as connection:
        table(needs_serve("services.tickets.access.tokens").list_tokens(connection), "No token was issued.")


def _tickets() -> Any:
    return needs_serve("estafet.relay.database").connect(from_environment().database("tickets"))


def table(rows: Any, nothing: str) -> None:
    """Print rows as a table; without any, what ``nothing`` says."""
    found = [dict(getattr(row, "_mapping", row)) for row in rows]
    if not found:
        console.print(nothing)
        return
    drawn = Table(*found[0], box=None)
    for row in found:
        drawn.add_row(*("-" if value is None else escape(str(value)) for value in row.values()))
    console.print(drawn)
