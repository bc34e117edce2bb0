"""Webhooks: where apps without a broker hear events. The operator adds them, looks after them and sends again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from estafet.cli.databases import works_of
from estafet.cli.failure import Failure, cannot, needs_serve
from estafet.cli.options import with_why
from estafet.cli.terminal import console
from estafet.settings import from_environment

#: How many deliveries and attempts are shown unless asked for more.
_SHOWN = 20

_id = click.argument("id")


@click.group("webhook")
def webhook_command() -> None:
    """Webhooks, by which apps without a broker hear events."""


@webhook_command.command("add")
@click.argument("url")
@click.option("--owner", metavar="EMAIL", required=True, help="Who is written to when it is switched off.")
@click.option("--event", "events", metavar="NAME", multiple=True, help="An event it hears; without any, all.")
@click.option("--category", "categories", metavar="CODE", multiple=True, help="Only of these services; else of all.")
@click.option("--confidential", is_flag=True, help="Of confidential reports too.")
def webhook_add(url: str, owner: str, events: tuple[str, ...], categories: tuple[str, ...], confidential: bool) -> None:
    """Let the app at URL hear events, and print the secret with which it knows that they are ours."""
    interest = _part("matching").Interest(frozenset(events), frozenset(categories), confidential)
    guard = _part("guard").Guard(from_environment().webhook_networks)
    with cannot("add this webhook"):
        guard.check(url)
        with _works().begin() as work:
            endpoint = _part("managing").add(work.connection, url, owner, interest, work.now)
    click.echo(endpoint.secret)
    click.echo(f"Give it to the app: it signs what is sent. Its webhook is {endpoint.id}; it hears in 2 s.", err=True)


@webhook_command.command("list")
def webhook_list() -> None:
    """List them, without their secrets."""
    with _works().database.read() as connection:
        found = _part("endpoints").all_of(connection)
    table = Table("id", "url", "owner", "events", "categories", "confidential", "state", "failures", box=None)
    for each in found:
        interest = each.interest
        names = (", ".join(sorted(some)) or "all" for some in (interest.events, interest.categories))
        cells = (each.id, each.url, each.owner, *names, "yes" if interest.confidential else "no", _state(each))
        table.add_row(*map(escape, cells), str(each.failures))
    console.print(table if found else "There is no webhook.")


@webhook_command.command("show")
@_id
@click.option("--last", type=click.IntRange(1, 10_000), default=_SHOWN, show_default=True, help="How many.")
def webhook_show(id: str, last: int) -> None:
    """Show how one stands: its latest deliveries, and the attempts at them."""
    with _works().database.read() as connection:
        endpoint = _found(lambda: _part("endpoints").find(connection, id), id)
        deliveries = _part("deliveries").listing(connection, id, last)
        attempts = _part("deliveries").attempts_of(connection, id, last)
    facts = ("url", "owner", "created_at", "failures", "failing_since", "switched_at", "switched_by", "switched_why")
    console.print(f"{'state':<14}{_state(endpoint)}", markup=False)
    for each in facts:
        if (value := getattr(endpoint, each)) is not None:
            console.print(f"{each:<14}{value}", markup=False)
    console.print()
    columns = ("id", "event", "ticket", "state", "attempts", "error", "created_at", "next_attempt", "ended_at")
    _table("deliveries", columns, deliveries)
    console.print()
    _table("attempts", ("at", "event", "delivery", "status", "error", "milliseconds"), attempts)


@webhook_command.command("disable")
@_id
@with_why
def webhook_disable(id: str, who: str, why: str) -> None:
    """Send it nothing more, until it is enabled again. What waits for it is given up, to be replayed then."""
    with _works().begin() as work:
        _found(lambda: _part("endpoints").find(work.connection, id), id)
        if not _part("endpoints").switch_off(work.connection, id, who, why, work.now):
            raise Failure(f"The webhook {id} is off already. See: estafet webhook show {id}")
    console.print(f"disabled {id}", markup=False)


@webhook_command.command("enable")
@_id
@with_why
def webhook_enable(id: str, who: str, why: str) -> None:
    """Send to it again. What it missed comes with: estafet webhook replay ID."""
    with _works().begin() as work:
        _found(lambda: _part("endpoints").find(work.connection, id), id)
        if not _part("endpoints").switch_on(work.connection, id, who, why, work.now):
            raise Failure(f"The webhook {id} is on already. See: estafet webhook show {id}")
    console.print(f"enabled {id}. What failed meanwhile: estafet webhook replay {id}", markup=False)


@webhook_command.command("remove")
@_id
def webhook_remove(id: str) -> None:
    """Remove it, with the log of its deliveries."""
    with _works().begin() as work:
        if not _part("endpoints").remove(work.connection, id):
            raise _nothing(id)
    console.print(f"removed {id}", markup=False)


@webhook_command.command("rotate")
@_id
def webhook_rotate(id: str) -> None:
    """Give it a new secret and print it. For a day the old one signs too."""
    with _works().begin() as work:
        endpoint = _found(lambda: _part("endpoints").rotate(work.connection, id, work.now), id)
    click.echo(endpoint.secret)
    until = f"{endpoint.old_until:%Y-%m-%d %H:%M} UTC"
    click.echo(f"Give it to the app. Until {until} what is sent is signed with the old one, too.", err=True)


@webhook_command.command("replay")
@_id
@click.argument("delivery", required=False)
@click.option("--since", type=click.DateTime(), help="All there were since then (UTC), also what was delivered.")
def webhook_replay(id: str, delivery: str | None, since: datetime | None) -> None:
    """Send again what failed; or one DELIVERY; or everything since a time. The webhook-id stays the same."""
    if delivery and since:
        raise Failure("Say either which delivery, or since when.")
    from_then = since.replace(tzinfo=UTC) if since else None
    with _works().begin() as work, cannot("replay"):
        count = _found(lambda: _part("managing").replay(work.connection, id, work.now, from_then, delivery), id)
    if delivery and not count:
        raise Failure(f"There is no ended delivery {delivery}. See: estafet webhook show {id}")
    console.print(f"{count} will be sent again. See: estafet webhook show {id}", markup=False)


@webhook_command.command("test")
@_id
def webhook_test(id: str) -> None:
    """Send it an event that says nothing, to see that it arrives."""
    with _works().begin() as work, cannot("test it"):
        _found(lambda: _part("managing").test(work, id), id)
    console.print(f"webhook.tested is on its way. See: estafet webhook show {id}", markup=False)


def _state(endpoint: Any) -> str:
    if endpoint.off_at:
        return "off"
    return "failing" if endpoint.failures else "on"


def _table(title: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    table = Table(*columns, box=None, title=title, title_justify="left")
    for row in rows:
        cells = (getattr(row, each) for each in columns)
        table.add_row(*("-" if cell is None else escape(_short(cell)) for cell in cells))
    console.print(table if rows else f"no {title}")


def _short(cell: object) -> str:
    return f"{cell:%Y-%m-%d %H:%M:%S}" if isinstance(cell, datetime) else str(cell)


def _found(act: Callable[[], Any], id: str) -> Any:
    try:
        return act()
    except LookupError as error:
        raise _nothing(id) from error


def _nothing(id: str) -> Failure:
    return Failure(f"There is no webhook {id}. See: estafet webhook list")


def _works() -> Any:
    return works_of(from_environment(), "notify")


def _part(name: str) -> Any:
    return needs_serve(f"services.notify.webhooks.{name}")
