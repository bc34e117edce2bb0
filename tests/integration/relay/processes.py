"""Starts and ends the processes of :mod:`tests.integration.relay.service`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Self, cast

from tests.bed.process import end, kill_group

ROOT = Path(__file__).parents[3]


class Process:
    """One process with the named services; what it writes goes to a file."""

    def __init__(self, log: Path, *services: str, **environment: str) -> None:
        self._log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.integration.relay.service", *services],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def emit(self, count: int) -> None:
        """Let ``tickets`` commit so many events; wait for ``committed`` in :meth:`text`."""
        orders = cast(IO[bytes], self.process.stdin)
        orders.write(f"{count}\n".encode())
        orders.flush()

    def text(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """As a power cut would."""
        kill_group(self.process)

    def stop(self) -> int:
        """As an operator would; its exit status."""
        end(self.process, how=signal.SIGTERM)
        return self.process.returncode
