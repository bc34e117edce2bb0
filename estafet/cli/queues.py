"""``estafet queues``: what waits, for whoever watches the queues."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import click
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from estafet.cli.databases import Databases
from estafet.cli.failure import Failure
from estafet.cli.messages.backlog import Backlog, Need, document, need_of_queue, need_of_tables
from estafet.cli.messages.looking import look
from estafet.cli.options import of_service
from estafet.cli.terminal import console
from estafet.cli.wording import age, rate, sentences
from estafet.settings import from_environment

#: Seconds between two looks.
AGAIN = 2.0


@click.command("queues")
@click.option("--watch", is_flag=True, help=f"Look again every {AGAIN:g} seconds, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@of_service
def queues_command(watch: bool, as_json: bool, service: str | None) -> None:
    """Show what waits in every queue, outbox and list of deferred messages; what needs a person comes first.

    The broker's counts are some seconds old, and the age of a queue's oldest message is an estimate.
    """
    if watch and as_json:
        raise Failure("--watch is for a person, and --json for a program, which looks as often as it likes: choose.")
    settings = from_environment()
    databases = Databases(settings, service)
    try:
        if watch:
            _watch(lambda: drawn(look(settings, databases)))
        elif as_json:
            click.echo(json.dumps(document(look(settings, databases)), indent=2))
        else:
            console.print(drawn(look(settings, databases)))
    finally:
        databases.close()


def _watch(seen: Callable[[], Group]) -> None:
    try:
        with Live(console=console, auto_refresh=False) as live:
            while True:
                live.update(seen(), refresh=True)
                time.sleep(AGAIN)
    except KeyboardInterrupt:
        return


def drawn(backlog: Backlog) -> Group:
    """What cannot be looked at, then what the services keep, then the queues."""
    parts: list[str | Table] = [
        f"[yellow]{escape(f'{names}: {why}')}[/]" for names, why in sentences(backlog.unreachable)
    ]
    if backlog.tables:
        parts.append(_services(backlog))
    if backlog.queues:
        parts += ["", _queues(backlog)]
    return Group(*parts)


def _services(backlog: Backlog) -> Table:
    table = _table("service", "unpublished", "oldest", "deferred", "dead")
    for each in backlog.tables:
        numbers = (str(each.unpublished), age(each.unpublished_oldest_seconds), str(each.deferred), str(each.dead))
        _add(table, need_of_tables(each), each.service, *numbers)
    return table


def _queues(backlog: Backlog) -> Table:
    table = _table("queue", "ready", "unacked", "consumers", "in/s", "out/s", "oldest")
    for each in backlog.queues:
        counts = (str(each.ready), str(each.unacked), str(each.consumers))
        rates = (rate(each.in_per_second), rate(each.out_per_second))
        cells = (*counts, *rates, age(each.oldest_seconds)) if each.there else ("-",) * 6
        _add(table, need_of_queue(each), each.name, *cells)
    return table


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=None)
    table.add_column(first, overflow="fold", min_width=25)
    for each in numbers:
        table.add_column(each, justify="right", no_wrap=True)
    table.add_column("needs")
    return table


def _add(table: Table, need: Need, name: str, *cells: str) -> None:
    quiet = not need.rank and set(cells) <= {"0", "0.0", "-"}
    table.add_row(escape(name), *cells, need.says, style="bold red" if need.rank > 1 else "dim" if quiet else "")
