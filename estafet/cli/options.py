"""Options that several of the operator's commands take."""

from __future__ import annotations

import getpass

import click

from estafet.cli.connection import Command
from estafet.settings import SERVICES

of_service = click.option("--service", type=click.Choice(SERVICES), help="Whose database; without it, every service's.")


def with_why(command: Command) -> Command:
    """The command is told ``who`` decides, and ``why``: both are kept."""
    who = click.option("--who", default=getpass.getuser, show_default="your login", help="Who decides this.")
    return who(click.option("--why", required=True, help="Why; it is kept.")(command))
