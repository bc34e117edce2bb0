"""The greeter, running."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.bed.process import end, free_port, listens, require_alive, wait_until
from tests.support.limits import UNLIMITED


class Running:
    def __init__(self, port: int, log: Path, pid: int) -> None:
        self.port = port
        self.pid = pid
        self.url = f"http://127.0.0.1:{port}"
        self.log = log


@pytest.fixture(scope="session")
def greeter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("greeter"), UNLIMITED) as greeter:
        yield greeter


@contextmanager
def running(folder: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    log = folder / "log"
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.web.greeter", str(port)],
            env={**os.environ, **settings},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready() -> bool:
        require_alive(process, log, "greeter")
        return listens(port)

    try:
        wait_until(ready, what="the greeter's port")
        yield Running(port, log, process.pid)
        require_alive(process, log, "greeter")
    finally:
        end(process, how=signal.SIGTERM)


@pytest.fixture
def http(greeter: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=greeter.url, timeout=10) as client:
        yield client
