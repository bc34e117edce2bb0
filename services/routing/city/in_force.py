"""The directory in force: the newest one loaded, whoever loaded it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from services.routing import store
from services.routing.city.check import build
from services.routing.city.directory import Directory
from services.routing.city.schema import from_any_release


@dataclass(frozen=True, slots=True)
class InForce:
    """A directory and its number, which grows with every load."""

    number: int
    directory: Directory


#: Directories already built, by edition. An edition is the hash of its data, so it cannot be stale.
_built: dict[str, Directory] = {}
_KEPT = 4


def in_force(connection: Connection) -> InForce | None:
    """The newest directory; None while no city is loaded. Looks at its number alone when it is known already."""
    newest = store.newest_directory(connection)
    if newest is None:
        return None
    number, edition = newest
    directory = _built.get(edition)
    if directory is None:
        with from_any_release():
            directory = Directory(build(store.directory_document(connection, number)))
        while len(_built) >= _KEPT:
            _built.pop(next(iter(_built)))
        _built[edition] = directory
    return InForce(number, directory)
