"""The city's data, from the operator's side: read a folder, load it, ask what is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from estafet.cli.databases import works_of
from estafet.cli.failure import Failure, needs_serve
from estafet.settings import Settings


def check(folder: Path) -> Any:
    """The city in ``folder``, checked.

    Raises:
        Failure: it is not fit to be loaded; one line for each file, entry and field at fault.
    """
    files = needs_serve("services.routing.city.files")
    if not folder.is_dir():
        raise Failure(f"There is no folder {folder}. A city is a folder like city/kediri.")
    try:
        return files.read(folder)
    except files.CityError as error:
        raise Failure(str(error)) from error


def check_wording(folder: Path) -> str:
    """A sentence on the words that the city in ``folder`` has for letters; each letter was written with them.

    Raises:
        Failure: one could not be; a line for each file and line at fault.
    """
    words = folder / "wording"
    if not words.is_dir():
        return "no wording of its own: letters are written with Kediri's"
    proof = needs_serve("services.notify.wording.proof")
    try:
        book = proof.prove(words)
    except proof.WordingError as error:
        raise Failure("\n".join(f"wording/{line}" for line in str(error).splitlines())) from error
    return f"wording of {len(book.messages('id'))} letters in {len(book.languages)} languages, each written once"


def load_city(settings: Settings, folder: Path) -> str:
    """Load the city in ``folder``; a sentence on what was loaded."""
    loading = needs_serve("services.routing.city.loading")
    city = check(folder)
    try:
        number = loading.load(_works(settings), city)
    except loading.CityError as error:
        raise Failure(str(error)) from error
    return f"{city.name}: {len(city.offices)} offices, {len(city.services)} services (directory {number})"


def read_city(folder: Path) -> dict[str, str]:
    """The kind of every office, by code."""
    return {office.code: office.kind for office in check(folder).offices}


def loaded_edition(settings: Settings) -> str | None:
    """Which edition of the directory is in force; None when none was ever loaded."""
    with _works(settings).database.read() as connection:
        newest = needs_serve("services.routing.store").newest_directory(connection)
    return newest[1] if newest else None


def edition_of(city: Any) -> str:
    """The edition that a city would be."""
    edition: str = needs_serve("services.routing.city.loading").edition_of(city)
    return edition


def _works(settings: Settings) -> Any:
    return works_of(settings, "routing")
