"""A release replaced by this one while people work: process after process, on databases that are migrated already."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from tests.chaos.town import Town
from tests.e2e.system import ROOT

#: What processes run, and what an image is made of.
_CODE = ("estafet", "services", "city", "requirements", "pyproject.toml", "README.md", "Dockerfile", ".dockerignore")


@contextmanager
def release(revision: str) -> Iterator[Path]:
    """A folder with the code of a revision of this repository.

    Raises:
        ValueError: there is none of this name.
    """
    done = subprocess.run(["git", "archive", revision, *_CODE], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(f"git archive {revision}: {done.stderr.decode().strip()}")
    with tempfile.TemporaryDirectory(prefix="estafet-release-") as folder:
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def replace_all(town: Town) -> Iterator[str]:
    """Each process by one of this release; says what it did."""
    town.prepare_release()
    for unit in town.fleet.units:
        with town.alone(unit.name):
            unit.replace(ROOT)
            if "notify" in unit.services:
                town.flight.look()
        yield f"{unit.name} replaced"
