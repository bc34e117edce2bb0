"""``estafet chain``: the tree of messages about one report, drawn; and whether chains are whole."""

from __future__ import annotations

from typing import Any

import click

from estafet.cli.chaindrawing import tree
from estafet.cli.connection import reaching, with_secret
from estafet.cli.databases import database_of
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.terminal import console
from estafet.client import Client
from estafet.settings import from_environment


@click.command("chain")
@click.argument("code", required=False)
@click.option("--verify", is_flag=True, help="Check every hash instead of drawing; without CODE all chains.")
@with_secret
@reaching
def chain_command(client: Client, code: str | None, verify: bool, secret: str | None) -> int:
    """Draw who did what, when, why, and how long each hop took.

    With --verify and a CODE the running service checks that chain. With --verify alone the operator's machine checks
    every chain in tickets' own database. The exit code is 1 when a chain is broken.
    """
    if verify:
        return _verify_one(client, code, secret) if code else verify_all()
    if not code:
        raise Failure("Name the report: estafet chain CODE; or check every chain: estafet chain --verify")
    console.print(tree(code, list(client.chain(code, secret=secret))))
    return 0


def _verify_one(client: Client, code: str, secret: str | None) -> int:
    answer = client.verify(code, secret=secret)
    if answer["ok"]:
        console.print(f"{code}: whole, {answer['entries']} entries", markup=False)
        return 0
    console.print(f"{code}: BROKEN at position {answer['broken_at']} of {answer['entries']}", markup=False)
    return 1


def verify_all() -> int:
    """Check every chain in tickets' own database and say what was found; answers 1 when one is broken."""
    database = database_of(from_environment(), "tickets")
    recording: Any = needs_serve("services.tickets.recording")
    chains = entries = broken = 0
    with database.read() as connection:
        for code in list(recording.codes(connection)):
            chains += 1
            entries += recording.head(connection, code).position
            position = recording.verify(connection, code)
            if position is not None:
                broken += 1
                console.print(f"{code}: BROKEN at position {position}", markup=False)
    console.print(f"{chains} chains, {entries} entries, {broken} broken", markup=False)
    return 1 if broken else 0
