"""Restoring a backup: everything is checked before anything is touched, and made good after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from estafet.backup import taking
from estafet.backup.errors import Unfit
from estafet.backup.manifest import Kept, Manifest
from estafet.backup.store import Store, counts, tables
from estafet.backup.unheard import publish_again
from estafet.relay import migrate
from estafet.relay.database import Database, connect


def check(stores: Sequence[Store], folder: Path, replace: bool) -> Manifest:
    """The manifest of a backup that can be restored into these databases.

    Raises:
        Unfit: the backup is damaged, of another form or of a later release; a database is in use, or, without
            ``replace``, holds something.
    """
    made = taking.verify(folder)
    for store in stores:
        kept = made.services.get(store.service)
        if kept is None:
            raise Unfit(f"{folder} has no {store.service}: it is not a backup of this system.")
        if made.form != store.form:
            raise Unfit(
                f"{folder} is of {made.form}, and the databases here are {store.form}: set ESTAFET_DATABASE_URL."
            )
        if not migrate.knows(store.service, kept.migration):
            raise Unfit(
                f"{folder} was made by version {made.version}, whose {store.service} is newer (migration "
                f"{kept.migration}) than this one's: restore it with that version."
            )
    for store in stores:
        store.check_unused()
        if not replace and not store.is_empty():
            raise Unfit(f"The database of {store.service} is not empty. To lose what is in it: --replace")
    return made


def restore(store: Store, folder: Path, kept: Kept, url: str) -> None:
    """Put one database in its place, and bring it to this version.

    Raises:
        Unfit: it does not hold what the manifest says.
    """
    store.restore(folder / kept.file)
    with _open({store.service: url}) as databases, databases[store.service].read() as connection:
        found = counts(connection, tables(connection))
    wrong = sorted(name for name in found.keys() | kept.counts.keys() if found.get(name) != kept.counts.get(name))
    if wrong:
        raise Unfit(f"{store.service} was not restored whole: rows are missing in {', '.join(wrong)}. Try it again.")
    migrate.upgrade(store.service, url)


def make_good(urls: Mapping[str, str]) -> Mapping[str, Counter[str]]:
    """By service, how many of its events are published again, by who lacks them. See :mod:`.unheard`."""
    with _open(urls) as databases:
        return {service: publish_again(databases, service) for service in databases}


@contextmanager
def _open(urls: Mapping[str, str]) -> Iterator[Mapping[str, Database]]:
    with ExitStack() as stack:
        databases = {service: connect(url, pool_size=2) for service, url in urls.items()}
        for database in databases.values():
            stack.callback(database.engine.dispose)
        yield databases
