"""Messages that could not be handled: seen in groups, shown whole, replayed or discarded, always with who and why."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table

from estafet.cli.connection import Command, console
from estafet.cli.failure import Failure, needs_serve
from estafet.settings import SERVICES, from_environment

_COLUMNS = ("id", "subscription", "name", "subject", "state", "error", "attempts", "last_at", "due_at")
#: How much of a body is shown; all of it is kept.
_SHOWN = 4000

service_option = click.option("--service", type=click.Choice(SERVICES), help="Whose; without it, of every service.")


def with_why(command: Command) -> Command:
    who = click.option("--who", default=getpass.getuser, show_default="your login", help="Who decides this.")
    return who(click.option("--why", required=True, help="Why; it is kept.")(command))


@click.group("deferred")
def deferred_command() -> None:
    """Messages that wait for another attempt, or are dead."""


@deferred_command.command("list")
@service_option
@click.option("--state", type=click.Choice(["waiting", "dead", "replayed", "discarded"]))
def deferred_list(service: str | None, state: str | None) -> None:
    """List them, one a line."""
    found = 0
    table = Table("service", *_COLUMNS, box=None)
    for name, database in _databases(service):
        with database.read() as connection:
            for row in _deferral().listing(connection, state):
                found += 1
                table.add_row(
                    name, *("-" if getattr(row, each) is None else str(getattr(row, each)) for each in _COLUMNS)
                )
    console.print(table if found else "Nothing is deferred.")


@deferred_command.command("show")
@click.argument("id")
@service_option
def deferred_show(id: str, service: str | None) -> None:
    """Show one whole: where it failed, how, and its body."""
    name, row = _find(id, service)
    console.print(f"service       {name}", markup=False)
    for each in (*_COLUMNS, "place", "detail", "publisher", "first_at", "ended_by", "ended_why"):
        value = getattr(row, each, None)
        if value is not None:
            console.print(f"{each:<14}{value}", markup=False)
    body = bytes(row.body)
    console.print(f"body          {len(body)} bytes", markup=False)
    console.print(body[:_SHOWN].decode("utf-8", "backslashreplace"), markup=False)


@deferred_command.command("replay")
@click.argument("ids", nargs=-1, required=True)
@service_option
@with_why
def deferred_replay(ids: tuple[str, ...], service: str | None, who: str, why: str) -> None:
    """Try the messages with IDS again, now."""
    _end("replay", ids, service, who, why)


@deferred_command.command("discard")
@click.argument("ids", nargs=-1, required=True)
@service_option
@with_why
def deferred_discard(ids: tuple[str, ...], service: str | None, who: str, why: str) -> None:
    """Give the messages with IDS up. Their bytes are kept."""
    _end("discard", ids, service, who, why)


def _end(act: str, ids: tuple[str, ...], service: str | None, who: str, why: str) -> None:
    for id in ids:
        name, _ = _find(id, service)
        _, database = next(_databases(name))
        with database.begin() as connection:
            changed = getattr(_deferral(), act)(connection, [id], who, why, datetime.now(UTC))
        if changed == 0:
            raise Failure(f"{id} can not be {act}ed as it stands. See: estafet deferred show {id}")
        console.print(f"{act}ed {id} ({name})", markup=False)


def _find(id: str, service: str | None) -> tuple[str, Any]:
    for name, database in _databases(service):
        with database.read() as connection:
            try:
                return name, _deferral().show(connection, id)
            except LookupError:
                continue
    raise Failure(f"There is no deferred message {id}. See: estafet deferred list")


def _databases(service: str | None) -> Iterator[tuple[str, Any]]:
    settings = from_environment()
    if service is None and settings.one_database:
        raise Failure("ESTAFET_DATABASE_URL names one service's database: say whose, with --service.")
    connect = needs_serve("estafet.relay.database").connect
    for name in SERVICES if service is None else (service,):
        yield name, connect(settings.database(name))


def _deferral() -> Any:
    return needs_serve("estafet.relay.deferral")
