"""The processes of a contender: started together, ended together, and what they said when one ends by itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bed.process import end, require_alive

ROOT = Path(__file__).resolve().parents[2]
#: Seconds that a process is given to end.
_GRACE = 10.0


class Processes:
    """Processes by name. What they print goes to a file each, which lives until :meth:`close`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="estafet-bench-"))
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def require_alive(self) -> None:
        """Raise RuntimeError, with what it said last, when one has ended by itself."""
        for name, process in self._running.items():
            require_alive(process, self._log(name), name)

    def stop(self) -> None:
        """Ask all to end; who has not in ten seconds is killed."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            end(process, how=signal.SIGTERM, seconds=_GRACE)
        self._running.clear()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def said(self) -> str:
        """All that they printed."""
        return "".join(log.read_text(errors="replace") for log in sorted(self._folder.glob("*.log")))

    @property
    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._running.items()}

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"
