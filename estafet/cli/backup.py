"""``estafet backup`` and ``estafet restore``: the three databases as one set. They work on the databases alone."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from estafet.cli import chain
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.terminal import console
from estafet.settings import SERVICES, Settings, from_environment

folder_argument = click.argument("folder", type=click.Path(path_type=Path))


@click.command("backup")
@folder_argument
@click.option("--verify", is_flag=True, help="Take none: check that every file in FOLDER is as it was written.")
def backup_command(folder: Path, verify: bool) -> None:
    """Keep the three databases in FOLDER, which is new, as of one moment. The system may run.

    The files hold contacts, and nobody but you may read them. Kept apart: the key ESTAFET_SECRET_KEY.
    """
    taking = needs_serve("estafet.backup.taking")
    errors = needs_serve("estafet.backup.errors")
    try:
        if verify:
            made = taking.verify(folder)
        else:
            with needs_serve("estafet.backup.stores").opened(_urls(from_environment())) as stores:
                made = taking.take(stores, folder, version("estafet"))
    except errors.Unfit as error:
        raise Failure(str(error)) from error
    _announce(made)
    console.print(f"{'whole' if verify else 'kept'}  {folder}", markup=False)


@click.command("restore")
@folder_argument
@click.option("--replace", is_flag=True, help="Also over databases that are not empty: what is in them is lost.")
def restore_command(folder: Path, replace: bool) -> int:
    """Put the backup in FOLDER in the place of the three databases. The services must be stopped.

    What was on its way at that moment is published again when the services start. Make the broker anew before: it may
    hold messages about what is not there any more. The exit code is 1 when a chain is broken.
    """
    errors = needs_serve("estafet.backup.errors")
    urls = _urls(from_environment())
    try:
        _restore(folder, urls, replace)
    except errors.Unfit as error:
        raise Failure(str(error)) from error
    broken = chain.verify_all()
    console.print("restored; now make the broker anew (its queues must be empty), then start the services")
    return broken


def _restore(folder: Path, urls: Mapping[str, str], replace: bool) -> None:
    restoring = needs_serve("estafet.backup.restoring")
    with needs_serve("estafet.backup.stores").opened(urls) as stores:
        made = restoring.check(stores, folder, replace)
        _announce(made)
        for store in stores:
            restoring.restore(store, folder, made.services[store.service], urls[store.service])
            console.print(f"restored {store.service}", markup=False)
    for service, lacking in restoring.make_good(urls).items():
        for listener, count in sorted(lacking.items()):
            console.print(f"{service}: {count} events for {listener} are published again", markup=False)


def _announce(made: Any) -> None:
    console.print(f"moment  {made.moment:%Y-%m-%d %H:%M:%S} UTC, version {made.version}", markup=False)
    for service, kept in made.services.items():
        rows = sum(kept.counts.values())
        console.print(f"{service:<8}{kept.size:,} bytes, {rows:,} rows, migration {kept.migration}", markup=False)


def _urls(settings: Settings) -> dict[str, str]:
    if settings.one_database:
        raise Failure(
            "ESTAFET_DATABASE_URL names one service's database, and this needs all three: "
            "write {service} where their addresses differ, such as postgresql+psycopg://postgres:...@host/{service}"
        )
    return {service: settings.database(service) for service in SERVICES}
