"""One process of a system: started, killed, ended, and exchanged for a new one."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import httpx

from estafet.settings import SERVICES
from tests.bed.process import free_ports, wait_until
from tests.e2e.system import ROOT, port_of

#: Seconds until a new process answers, on a machine that is busy with everything else.
BIRTH = 90.0


class Unit:
    """A replica. Whoever starts or ends its process holds ``lock``."""

    def __init__(
        self, name: str, services: Sequence[str], program: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.services = tuple(services)
        self.lock = threading.RLock()
        self.process: subprocess.Popen[bytes] | None = None
        self._program = program
        self._environment = environment
        self._log = folder / f"{name}.log"
        self._base = free_ports(len(SERVICES))
        #: Where the code is that its next process runs.
        self.home = ROOT
        #: Processes that the run itself ended.
        self.ended: set[int] = set()

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{port_of(service, self._base)}"

    def start(self, base: int | None = None) -> None:
        """Start a process where the last one listened, or elsewhere."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._program, *self.services],
                cwd=self.home,
                env={
                    **self._environment,
                    "PYTHONPATH": str(self.home),
                    "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{base or self._base}",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_alive(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Until every service of it answers.

        Raises:
            RuntimeError: its process ended.
        """
        process = process or self.process
        for service in self.services:
            wait_until(partial(self._answers, self.url(service), process), seconds=BIRTH, what=f"{self.name} answering")

    def kill(self) -> None:
        """kill -9."""
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                self.ended.add(self.process.pid)
                self.process.kill()
                self.process.wait()

    def end(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """Ask it to end, as `docker stop` does, and kill it when it takes longer than a minute."""
        process = process or self.process
        if process is None or process.poll() is not None:
            return
        self.ended.add(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def roll(self, new_first: bool) -> None:
        """A new process takes the place of the old: with ``new_first`` they work side by side for a moment."""
        with self.lock:
            old = self.process
            if not new_first:
                self.end(old)
            self._base = free_ports(len(SERVICES)) if new_first else self._base
            self.start()
        if new_first:
            try:
                self.wait_alive()
            finally:
                self.end(old)

    def replace(self, home: Path) -> None:
        """A process of another release takes the old one's place, as behind a proxy.

        Nobody is sent to the new one before it is ready, nor to the old one from then on.
        """
        with self.lock:
            old, self.home, base = self.process, home, free_ports(len(SERVICES))
            self.start(base)
        new = self.process
        for service in self.services:
            url = f"http://127.0.0.1:{port_of(service, base)}"
            wait_until(partial(self._answers, url, new, "readyz"), seconds=BIRTH, what=f"{self.name} ready")
        self._base = base
        self.end(old)

    def _answers(self, url: str, process: subprocess.Popen[bytes] | None, path: str = "healthz") -> bool:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {process.returncode}:\n{self.log_tail()}")
        try:
            return httpx.get(f"{url}/{path}", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def log_tail(self) -> str:
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""
