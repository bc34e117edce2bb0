"""What was measured: figures by measure and contender, their medians, and the machine they hold for."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = ("nameko", "kombu", "amqp", "psycopg", "SQLAlchemy", "faststream", "aio-pika", "asyncpg", "uvicorn")


@dataclass(frozen=True, slots=True)
class Key:
    """``where`` tells the points of a curve apart: a size, a rate, a number of processes."""

    measure: str
    contender: str
    where: str = ""


@dataclass
class Results:
    """Every figure of a run. Those of one key are rounds."""

    header: dict[str, Any]
    units: dict[str, str] = field(default_factory=dict)
    figures: dict[Key, list[float]] = field(default_factory=dict)

    def add(self, measure: str, unit: str, contender: str, figures: Iterable[float], where: str = "") -> None:
        self.units[measure] = unit
        self.figures.setdefault(Key(measure, contender, where), []).extend(figures)

    def median(self, measure: str, contender: str, where: str = "") -> float | None:
        found = self.figures.get(Key(measure, contender, where))
        return statistics.median(found) if found else None

    def write(self, path: Path) -> None:
        rows = [
            {
                "measure": key.measure,
                "contender": key.contender,
                "where": key.where,
                "unit": self.units[key.measure],
                "median": statistics.median(found),
                "least": min(found),
                "most": max(found),
                "rounds": len(found),
            }
            for key, found in self.figures.items()
        ]
        path.write_text(json.dumps({"header": self.header, "figures": rows}, indent=1) + "\n")


def header(broker: str, database: str) -> dict[str, Any]:
    """The machine and the versions."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "rabbitmq": broker,
        "postgresql": database,
        **{name: version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
