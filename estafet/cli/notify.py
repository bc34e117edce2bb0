"""How offices, and reporters who did not say, are told: at once or once a day, when not, in which language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table

from estafet.cli.bounced import bounced_command
from estafet.cli.databases import database_of
from estafet.cli.failure import Failure, cannot, needs_serve
from estafet.cli.terminal import console
from estafet.secretkey import known_key
from estafet.settings import from_environment

#: What takes a wish back.
NONE = "none"

reader = click.argument("reader", metavar="OFFICE|CODE|reporter")


@click.group("notify")
def notify_command() -> None:
    """How offices, and reporters by the CODE of the report, are told.

    `reporter` stands for all reporters who did not say.
    """


@notify_command.command("prefer")
@reader
@click.option("--digest", metavar="HOUR", help="One message a day, at 07:00 say; none: each at once.")
@click.option(
    "--quiet",
    metavar="HOURS",
    help='Not in 21:00-06:00, say, unless urgent; "texts 21:00-06:00": no text messages; none: at any hour.',
)
@click.option("--language", type=click.Choice(("id", "en", NONE)), help="none: the usual one.")
@click.option("--channel", help="email, say, before all others; none: in the usual order.")
def notify_prefer(reader: str, **given: str | None) -> None:
    """Set how OFFICE, or the reporter of CODE, is told. What is not named stays; hours are the city's."""
    preferences = _rules()
    named = {name: None if value == NONE else value for name, value in given.items() if value is not None}
    if not named:
        raise Failure("Say what: --digest, --quiet, --language or --channel.")
    if named.get("channel") not in (None, *preferences.CHANNELS):
        raise Failure(
            f"There is no channel {named['channel']}; take one of {', '.join(preferences.CHANNELS)}, or none."
        )
    with _database().begin() as connection:
        before = _current(connection, reader)
        with cannot("set it"):
            wish = preferences.from_texts(preferences.texts(before) | named)
        _kept().keep(connection, reader, wish, datetime.now(UTC))
    _show({reader: wish})


@notify_command.command("show")
@click.argument("reader", metavar="[OFFICE|CODE|reporter]", required=False)
def notify_show(reader: str | None) -> None:
    """Show how OFFICE is told, and its feed; without one, all of whom something is set."""
    with _database().read() as connection:
        found = _kept().everybody(connection) if reader is None else {reader: _current(connection, reader)}
        directory = needs_serve("services.notify.store").directory(connection)
    if not found:
        console.print("Nothing is set: everybody is told at once, but no text messages to reporters at night.")
        return
    _show(found)
    if reader is not None and directory is not None and reader in directory.offices:
        _show_feed(reader)


@notify_command.command("reset")
@reader
def notify_reset(reader: str) -> None:
    """Tell OFFICE as usual again."""
    with _database().begin() as connection:
        if not _kept().forget(connection, reader, datetime.now(UTC)):
            raise Failure(f"Nothing is set for {reader}. See: estafet notify show")
    console.print(f"{reader} is told as usual", markup=False)


def _rules() -> Any:
    return needs_serve("services.notify.preferences.preference")


def _kept() -> Any:
    return needs_serve("services.notify.preferences.preferring")


def _database() -> Any:
    return database_of(from_environment(), "notify")


def _current(connection: Any, reader: str) -> Any:
    found = _kept().current(connection, reader)
    if found is None:
        raise Failure(f"There is no office {reader}, and no report of that code. For all reporters, write: reporter")
    return found


def _show_feed(office: str) -> None:
    settings = from_environment()
    key = known_key(settings)
    if key is None:
        console.print("Its feed: say ESTAFET_SECRET_KEY as notify has it, or run this in the place of notify's data.")
        return
    address = needs_serve("services.notify.tokens").feed_address(settings.public_url, key, office)
    console.print(f"Its feed, secret as a password: {address}", markup=False, soft_wrap=True)


def _show(found: dict[str, Any]) -> None:
    texts = _rules().texts
    table = Table("reader", "channel", "language", "digest", "quiet", box=None)
    for name, preference in found.items():
        table.add_row(name, *(value or "-" for value in texts(preference).values()))
    console.print(table)


notify_command.add_command(bounced_command)
