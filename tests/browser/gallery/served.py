"""The services with a clock that is set from outside: weeks of a city's work in a minute or two.

A program, ``python -m tests.browser.gallery.served FILE``: FILE holds by how many seconds its clock differs from ours.
"""

from __future__ import annotations

from estafet import runner  # first of all: it makes the standard library cooperative

import sys  # isort: skip
from datetime import UTC, datetime, timedelta  # isort: skip
from pathlib import Path  # isort: skip

from estafet.cli.citydata import load_city  # isort: skip
from estafet.relay.clock import SystemClock  # isort: skip
from estafet.settings import default_city, from_environment  # isort: skip


def main(file: Path) -> int:
    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text()))

    SystemClock.now = now  # type: ignore[method-assign]
    load_city(from_environment(), default_city())
    return runner.main([])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
