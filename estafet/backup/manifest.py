"""The manifest of a backup: what is in the folder, of when, and by which every file can be checked."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from estafet.backup.errors import Unfit

FILE = "manifest.json"
#: Of the manifest; a later release reads the earlier ones.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """One service's database, as a file in the folder."""

    file: str
    sha256: str
    size: int
    #: The newest migration it has.
    migration: str
    #: Rows, by table.
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """``form``: which kind of database the files are of. ``moment``: all of them are as of then."""

    form: str
    moment: datetime
    version: str
    services: Mapping[str, Kept]


def write(folder: Path, manifest: Manifest) -> None:
    """Put it into the folder, as the last thing: a folder without one is no backup."""
    document = {"format": FORMAT, **asdict(manifest), "moment": manifest.moment.isoformat()}
    written = folder / f"{FILE}.new"
    with create(written).open("w") as out:
        json.dump(document, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    written.replace(folder / FILE)


def read(folder: Path) -> Manifest:
    """The manifest in the folder.

    Raises:
        Unfit: there is none, or none that can be read.
    """
    try:
        document = json.loads((folder / FILE).read_bytes())
    except OSError as error:
        raise Unfit(f"{folder} is no backup: {FILE} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise Unfit(f"{folder / FILE} is damaged: it is not JSON. Take another backup.") from error
    try:
        return _manifest(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unfit(f"{folder / FILE} is not a manifest that this version can read. Take another backup.") from error


def _manifest(document: Mapping[str, Any]) -> Manifest:
    if document["format"] != FORMAT:
        raise ValueError(document["format"])
    services = {
        service: Kept(
            file=_file_name(each["file"]),
            sha256=str(each["sha256"]),
            size=int(each["size"]),
            migration=str(each["migration"]),
            counts={str(table): int(count) for table, count in each["counts"].items()},
        )
        for service, each in document["services"].items()
    }
    moment = datetime.fromisoformat(document["moment"])
    return Manifest(str(document["form"]), moment, str(document["version"]), services)


def _file_name(name: str) -> str:
    """Raises ValueError: it leads out of the folder."""
    if Path(name).name != name:
        raise ValueError(name)
    return name


def faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Every file that is not as it was written."""
    for kept in manifest.services.values():
        file = folder / kept.file
        if not file.is_file():
            yield f"{kept.file} is missing"
        elif file.stat().st_size != kept.size:
            yield f"{kept.file} has {file.stat().st_size} bytes instead of {kept.size}"
        elif sha256(file) != kept.sha256:
            yield f"{kept.file} was changed: its SHA-256 is another"


def sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def create(file: Path) -> Path:
    """A new empty file that nobody but its owner may read: backups hold contacts."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return file
