"""Starting: ``serve``, ``migrate`` and ``up``, which does all there is to do on one machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from estafet.cli import tokenfile
from estafet.cli.citydata import load_city, loaded_edition
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.terminal import console
from estafet.settings import SERVICES, Settings, default_city, from_environment

services_argument = click.argument("services", nargs=-1, type=click.Choice(SERVICES))


@click.command("serve")
@services_argument
def serve_command(services: tuple[str, ...]) -> None:
    """Serve the named SERVICES, or all three in one process, until stopped.

    Without ESTAFET_AMQP_URI they talk to each other inside this process; then all three must be in it.
    """
    settings = from_environment()
    _check_complete(settings, services or SERVICES)
    _serve(services or SERVICES)


@click.command("migrate")
@services_argument
def migrate_command(services: tuple[str, ...]) -> None:
    """Bring the databases of the named SERVICES, or of all, to this version. Doing it again changes nothing."""
    _migrate(from_environment(), services or SERVICES)


@click.command("up")
@click.option("--city", "folder", type=click.Path(path_type=Path), help="The city's folder. [default: city/kediri]")
def up_command(folder: Path | None) -> None:
    """Migrate, load the city if none is loaded, make demo tokens, and serve everything."""
    settings = from_environment()
    _check_complete(settings, SERVICES)
    needs_serve("nameko")
    _migrate(settings, SERVICES)
    if loaded_edition(settings) is None:
        console.print(f"city     {load_city(settings, folder or default_city())}", markup=False)
    made = tokenfile.for_city(settings, folder or default_city())
    console.print(f"open     {settings.public_url}/  (report, and follow)", markup=False)
    console.print(f"api      {settings.public_url}/api/v1/openapi.json", markup=False)
    me = _typed()
    console.print(f"tokens   {made}  (one for each office; {me} token list)", markup=False)
    console.print(f"try      {me} demo  (in a second terminal)", markup=False)
    console.print(f"desk     {settings.public_url}/desk  ({me} account demo: accounts to look around)", markup=False)
    if folder and (folder / "wording").is_dir():
        os.environ.setdefault("ESTAFET_WORDING", str(folder / "wording"))
    _serve(SERVICES)


def _typed() -> str:
    """How this command is typed here: by its path, as it just was, where a shell does not find its name."""
    typed = Path(sys.argv[0])
    return str(typed) if typed.name == "estafet" and shutil.which("estafet") is None else "estafet"


def _check_complete(settings: Settings, services: Sequence[str]) -> None:
    if settings.embedded and set(services) != set(SERVICES):
        raise Failure(
            "Without a broker all three services must be in one process: run `estafet serve`, "
            "or set ESTAFET_AMQP_URI to serve some of them."
        )


def _migrate(settings: Settings, services: Sequence[str]) -> None:
    migrate = needs_serve("estafet.relay.migrate")
    settings.data.mkdir(parents=True, exist_ok=True)
    for service in services:
        try:
            migrate.upgrade(service, settings.database(service))
        except migrate.InUse as error:
            raise Failure(f"Cannot migrate: {error}.") from error
        console.print(f"migrated {service}", markup=False)


def _serve(services: Sequence[str]) -> None:
    """Become the runner: eventlet must patch the standard library before anything has imported it."""
    for library in ("nameko", "eventlet", "psycopg"):
        if importlib.util.find_spec(library) is None:
            needs_serve(library)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "estafet.runner", *services])  # noqa: S606 - our own program
