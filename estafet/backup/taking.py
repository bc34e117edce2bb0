"""Taking a backup: one moment for all databases, a file for each, and the manifest last."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from estafet.backup import manifest
from estafet.backup.errors import Unfit
from estafet.backup.manifest import Kept, Manifest
from estafet.backup.moment import one_moment
from estafet.backup.store import Frozen, Store, counts, migration, tables


def take(stores: Sequence[Store], folder: Path, version: str) -> Manifest:
    """Keep all of them in the folder, which is new or empty. They may be at work meanwhile.

    Raises:
        Unfit: the folder is not empty; a database was never migrated; the programs to do it with are missing.
    """
    _prepare(folder)
    try:
        with one_moment(stores) as frozen:
            moment = datetime.now(UTC)
            services = {store.service: _keep(store, frozen[store.service], folder) for store in stores}
        made = Manifest(stores[0].form, moment, version, services)
        manifest.write(folder, made)
    except BaseException:
        for left in folder.iterdir():  # half a backup is none, and holds contacts all the same
            left.unlink()
        raise
    return made


def verify(folder: Path) -> Manifest:
    """The manifest of a backup whose every file is as it was written.

    Raises:
        Unfit: a file is missing or changed; each is named.
    """
    made = manifest.read(folder)
    faults = list(manifest.faults(folder, made))
    if faults:
        raise Unfit(f"{folder} is damaged: {'; '.join(faults)}. Restore another backup.")
    return made


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Unfit(f"{folder} is not empty: a backup has a folder of its own. Name a new one.")


def _keep(store: Store, frozen: Frozen, folder: Path) -> Kept:
    reached = migration(frozen.connection)
    if not reached:
        raise Unfit(f"The database of {store.service} was never prepared: estafet migrate")
    file = manifest.create(folder / f"{store.service}.{store.form}")
    rows: Mapping[str, int] = counts(frozen.connection, tables(frozen.connection))
    store.copy(frozen, file)
    with file.open("rb") as written:
        os.fsync(written.fileno())
    return Kept(file.name, manifest.sha256(file), file.stat().st_size, reached, rows)
