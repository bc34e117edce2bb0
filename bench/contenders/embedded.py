"""Our own system embedded: three services in one process, with files, and a broker in its memory."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from bench.contenders.ours import TOLD
from estafet.settings import SERVICES, from_environment
from tests.e2e.system import System


class Embedded:
    """Takes reports by HTTP alone: nobody outside can publish to a broker in memory."""

    name = "estafet"

    def __init__(self) -> None:
        self._system = System(Path(tempfile.mkdtemp(prefix="estafet-bench-")), [SERVICES], {})

    def start(self) -> None:
        self._system.prepare().start().wait_for_city()
        url = from_environment(self._system.environment).database("notify")
        self._database = sqlite3.connect(url.removeprefix("sqlite:///"))

    def close(self) -> None:
        self._database.close()
        self._system.close()

    @property
    def reports_url(self) -> str | None:
        return f"{self._system.url}/api/v1/reports"

    def notifications(self) -> int:
        return int(self._database.execute(TOLD).fetchone()[0])
