"""A docker-compose project of this repository, and its containers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bed.process import wait_until
from tests.e2e.system import ROOT

#: Seconds until a container is healthy, on a machine that is busy with everything else.
BIRTH = 180.0


class Container:
    """One of the project's, by its id."""

    def __init__(self, id: str) -> None:
        self.id = id

    @property
    def healthy(self) -> bool:
        return self._told("{{.State.Health.Status}}") == "healthy"

    @property
    def restarts(self) -> int:
        """How often it ended by itself and was started again."""
        return int(self._told("{{.RestartCount}}"))

    def wait_healthy(self) -> None:
        wait_until(lambda: self.healthy, seconds=BIRTH, what=f"container {self.id[:12]} healthy")

    def kill(self) -> None:
        """kill -9 of everything in it; nobody starts it again by himself."""
        _run("docker", "kill", self.id)

    def start(self) -> None:
        _run("docker", "start", self.id)

    def remove(self) -> None:
        """Asked to end, as in a deployment, and taken away."""
        _run("docker", "stop", self.id)
        _run("docker", "rm", self.id)

    def _told(self, template: str) -> str:
        return _run("docker", "inspect", "-f", template, self.id).strip()


class Project:
    """``files`` are its docker-compose files, ``environment`` what these ask for."""

    def __init__(self, name: str, files: Sequence[Path], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = ["docker-compose", "-p", name, *(part for file in files for part in ("-f", str(file)))]
        self._environment = {**os.environ, **environment}

    def compose(self, *arguments: str) -> str:
        return _run(*self._command, *arguments, environment=self._environment)

    def containers(self, service: str) -> list[Container]:
        """Those that exist, whether they run or not; the oldest last."""
        labels = {"project": self.name, "service": service}
        chosen = [f"--filter=label=com.docker.compose.{label}={value}" for label, value in labels.items()]
        return [Container(id) for id in _run("docker", "ps", "-aq", "--no-trunc", *chosen).split()]


def build(home: Path) -> None:
    """The image of the services, from the code in this folder."""
    for name in ("Dockerfile", ".dockerignore"):
        if not (home / name).exists():
            (home / name).write_bytes((ROOT / name).read_bytes())
    _run("docker", "build", "-q", "-t", "estafet", str(home))


def gateway() -> str:
    """This machine's address as containers reach it."""
    return _run("docker", "network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Gateway}}").strip()


def _run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-2000:]}")
    return done.stdout
