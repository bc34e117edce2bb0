"""PostgreSQL's own programs, ``pg_dump`` and ``pg_restore``: the newest that are on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from estafet.backup.errors import Unfit

#: Where Debian and Ubuntu keep each release's.
INSTALLED = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def newest(name: str, server: int) -> str:
    """The path of the newest program of this name; it must not be older than the server, whose major version this is.

    Raises:
        Unfit: there is none, or only older ones.
    """
    found = {path: version for path in _candidates(name) if (version := _version(path))}
    if not found:
        raise Unfit(
            f"{name} is not on this machine: install PostgreSQL's client programs, version {server} or later "
            f"(Debian and Ubuntu: apt-get install postgresql-client), or run this where the server is."
        )
    best = max(found, key=lambda path: found[path])
    if found[best] < server:
        raise Unfit(
            f"The server is PostgreSQL {server}, and {best} is of version {found[best]}: "
            f"it must not be older. Install postgresql-client-{server}."
        )
    return best


def run(arguments: Sequence[str | Path], url: URL, output: IO[bytes] | None = None) -> None:
    """Run one on the database at ``url``, which is added to its arguments; the password is not on its command line.

    Raises:
        Unfit: it failed; with the first line of what it said.
    """
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, "PGPASSWORD": url.password} if url.password else dict(os.environ)
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [*arguments, f"--dbname={address}"], env=environment, stdout=output, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unfit(f"{Path(arguments[0]).name} failed on {url.database}: {said[0] if said else done.returncode}")


def _candidates(name: str) -> Iterable[str]:
    on_path = shutil.which(name)
    return [*([on_path] if on_path else []), *map(str, INSTALLED.glob(f"*/bin/{name}"))]


def _version(path: str) -> int | None:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = _VERSION.search(done.stdout)
    return int(found[1]) if found else None
