"""A private Prometheus with the rules and jobs that are deployed, asking the servers of a test every second."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from tests.bed.install import ensure
from tests.bed.process import end, free_port, kill_group, require_alive, wait_until

DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Prometheus's own checker in the folder of the deployed files."""
    program = ensure(["prometheus"])["prometheus"] / "promtool"
    return subprocess.run([program, *arguments], cwd=DEPLOYED, capture_output=True, text=True, check=False)


class Prometheus:
    """A context manager. ``targets``: addresses by job; ``vhost``: whose queues; ``rules``: the text of the rules."""

    def __init__(self, targets: Mapping[str, Sequence[str]], vhost: str, rules: str) -> None:
        self._program = ensure(["prometheus"])["prometheus"] / "prometheus"
        self._targets, self._vhost, self._rules = targets, vhost, rules
        self.url = f"http://127.0.0.1:{free_port()}"
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="estafet-prometheus-"))
        (self._folder / "prometheus.yml").write_text(yaml.safe_dump(self._configuration()))
        (self._folder / "alerts.yml").write_text(self._rules)
        log = (self._folder / "output.log").open("ab")
        self._process = subprocess.Popen(
            [
                self._program,
                f"--config.file={self._folder}/prometheus.yml",
                f"--storage.tsdb.path={self._folder}/data",
                f"--web.listen-address={self.url.removeprefix('http://')}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        wait_until(self._answers, what="Prometheus answering")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end(self._process, how=signal.SIGTERM)
            kill_group(self._process)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def firing(self) -> list[dict[str, str]]:
        """The labels of each alert that fires now."""
        found = httpx.get(f"{self.url}/api/v1/alerts", timeout=10).raise_for_status().json()
        return [each["labels"] for each in found["data"]["alerts"] if each["state"] == "firing"]

    def value(self, query: str) -> list[tuple[dict[str, str], float]]:
        """What an expression answers: labels and value of each series."""
        found = httpx.get(f"{self.url}/api/v1/query", params={"query": query}, timeout=10).raise_for_status().json()
        return [(each["metric"], float(each["value"][1])) for each in found["data"]["result"]]

    def _configuration(self) -> dict[str, Any]:
        document: dict[str, Any] = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text())
        document["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        for job in document["scrape_configs"]:
            del job["dns_sd_configs"]
            job["static_configs"] = [{"targets": list(self._targets[job["job_name"]])}]
            if "vhost" in job.get("params", {}):
                job["params"]["vhost"] = [self._vhost]
        return document

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._folder is not None
        require_alive(self._process, self._folder / "output.log", "Prometheus")
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=5).is_success
        except httpx.TransportError:
            return False
