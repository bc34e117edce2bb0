"""``estafet console``: what waits, what could not be handled and where a message is, as a page on this machine."""

from __future__ import annotations

import getpass

import click

from estafet.cli.failure import needs_serve
from estafet.cli.options import of_service
from estafet.cli.terminal import console
from estafet.settings import from_environment


@click.command("console")
@click.option("--port", type=click.IntRange(1, 65535), default=8010, show_default=True, help="Of 127.0.0.1.")
@of_service
def console_command(port: int, service: str | None) -> None:
    """Serve the operator's console as a page, to this machine alone, until Ctrl-C.

    It shows what `estafet queues`, `deferred` and `trace` show, and replays or discards. The address that it prints has
    the key of this run.
    """
    serve = needs_serve("estafet.console.server").serve
    serve(from_environment(), service, port, getpass.getuser(), _tell)


def _tell(address: str) -> None:
    console.print(f"open     {address}  (until Ctrl-C)", markup=False, soft_wrap=True)
