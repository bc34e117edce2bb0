"""``estafet city``: a city's data, checked and loaded."""

from __future__ import annotations

from pathlib import Path

import click

from estafet.cli import citydata
from estafet.cli.terminal import console
from estafet.settings import from_environment

folder = click.argument("folder", type=click.Path(path_type=Path))


@click.group("city")
def city_command() -> None:
    """A city's offices, services and policy: a folder like city/kediri."""


@city_command.command("check")
@folder
def city_check(folder: Path) -> None:
    """Check FOLDER, its wording of letters too; what is wrong is named by file, and by entry and field, or line."""
    city = citydata.check(folder)
    wording = citydata.check_wording(folder)
    console.print(f"{city.name}: {len(city.offices)} offices, {len(city.services)} services, fit to load", markup=False)
    console.print(wording, markup=False)


@city_command.command("load")
@folder
def city_load(folder: Path) -> None:
    """Check FOLDER and load it into routing, which tells the other services."""
    console.print(citydata.load_city(from_environment(), folder), markup=False)
