"""``estafet erase``: a reporter asked to be forgotten. Works on tickets' own database; notify hears of it by event."""

from __future__ import annotations

from typing import Any

import click

from estafet.cli.databases import works_of
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.terminal import console
from estafet.settings import from_environment


@click.command("erase")
@click.argument("reporter")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_command(reporter: str, yes: bool) -> None:
    """Forget REPORTER: an email address, a phone number, telegram:123456789, or the code of a report.

    Name, email, phone, chat, secret and everything they wrote are removed from all their reports, open ones too, and
    cannot be brought back. Category, place, the offices' words and the chain stay.
    """
    erasing = needs_serve("services.tickets.reporters.erasing")
    finding = needs_serve("services.tickets.reporters.finding")
    works = works_of(from_environment(), "tickets")
    with works.database.read() as connection:
        found = _find(finding, connection, reporter)
    if not found.left and not found.unhandled:
        _say_nothing_to_do(found)
        return
    _announce(found)
    if not yes:
        click.confirm("Erase this? It cannot be brought back.", abort=True)
    with works.begin() as work:
        found = _find(finding, work.connection, reporter)
        erasing.erase(work, found)
    works.database.checkpoint()
    works.database.engine.dispose()
    console.print(f"erased {_count(len(found.left))}; notify is told by itself", markup=False)


def _find(finding: Any, connection: Any, reporter: str) -> Any:
    try:
        return finding.find(connection, reporter)
    except LookupError as error:
        raise Failure(str(error)) from error


def _say_nothing_to_do(found: Any) -> None:
    if not found.reports:
        raise Failure("Nothing of this reporter is kept. Look whether the address, number or code is right.")
    for each in found.reports:
        console.print(f"{each.code}  erased on {each.erased_at:%Y-%m-%d} already", markup=False)
    console.print("Nothing is left to erase.")


def _announce(found: Any) -> None:
    still_open = sum(each.open for each in found.left)
    console.print(f"{_count(len(found.left))}, {still_open} of them open:", markup=False)
    for each in found.left:
        console.print(f"  {each.code}  {each.status}", markup=False)
    if found.unhandled:
        console.print(f"and {len(found.unhandled)} message(s) that could not be handled (estafet deferred list)")


def _count(number: int) -> str:
    return f"{number} report{'' if number == 1 else 's'}"
