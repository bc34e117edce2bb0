"""``estafet trace``: where a message is now, or the messages about a report."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from rich.markup import escape

from estafet.cli.databases import Databases
from estafet.cli.messages.finding import trace
from estafet.cli.messages.tracedrawing import chosen, document, tree
from estafet.cli.options import of_service
from estafet.cli.terminal import console
from estafet.settings import from_environment


@click.command("trace")
@click.argument("wanted", metavar="CODE|MESSAGE-ID")
@click.option("--all", "every", is_flag=True, help="Of a report, also the finished ones.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@of_service
def trace_command(wanted: str, every: bool, as_json: bool, service: str | None) -> None:
    """Show where a message is: in the outbox, on its way, handled, deferred or dead, for each handler of it.

    Of a report, by its CODE: the messages about it that are not finished, and the last few that are.
    """
    databases = Databases(from_environment(), service)
    try:
        found = trace(databases, wanted)
    finally:
        databases.close()
    messages = chosen(found, every)
    if as_json:
        click.echo(json.dumps(document(found, messages), indent=2))
        return
    for name, why in found.unreachable.items():
        console.print(f"[yellow]{escape(f'{name}: {why}')}[/]")
    console.print(tree(found, messages, datetime.now(UTC)))
