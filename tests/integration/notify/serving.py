"""notify as a process, and the commands that its operator runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.bed.process import end, wait_until

ROOT = Path(__file__).parents[3]

#: Ports that a system takes, one behind the other; notify's is the third.
PORTS = 3


@contextmanager
def serving(folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = folder / "notify.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "estafet.runner", "notify"],
            cwd=ROOT,
            env={**os.environ, "ESTAFET_DATA": str(folder), "PYTHONPATH": str(ROOT), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process, how=signal.SIGTERM)


def wait_for(url: str) -> None:
    """Until notify answers there."""
    wait_until(lambda: _answers(url), seconds=60, what="notify to answer")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


def estafet_notify(
    folder: Path, *arguments: str, given: bytes | None = None, **settings: str
) -> subprocess.CompletedProcess[Any]:
    """``estafet notify`` with these arguments, on the database in the folder, with no settings but these.

    ``given``: its standard input; then what it puts out are bytes, too.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ESTAFET_")}
    return subprocess.run(
        [sys.executable, "-m", "estafet.cli.main", "notify", *arguments],
        cwd=ROOT,
        env={**clean, "ESTAFET_DATA": str(folder), "COLUMNS": "120", **settings},
        input=given,
        capture_output=True,
        text=given is None,
        timeout=60,
        check=False,
    )
