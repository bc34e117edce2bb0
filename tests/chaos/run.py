"""A run: load and faults, then healing, quiet, and the audit."""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import faults
from tests.chaos.audit import Finding, audit
from tests.chaos.cluster import cluster
from tests.chaos.load import Load
from tests.chaos.pauses import Pauses, longest
from tests.chaos.plan import Planned, plan
from tests.chaos.quiet import wait_for_quiet
from tests.chaos.record import Record
from tests.chaos.rolling import release, replace_all
from tests.chaos.town import Town, deployed, embedded
from tests.e2e.system import ROOT

#: What starts services in production.
PROGRAM = (sys.executable, "-m", "estafet.runner")
#: Seconds of load before the first fault.
_WARMING = 4.0


@dataclass(frozen=True)
class Chaos:
    """What is run. ``every``: seconds between two faults on average; ``only``: these faults and no others."""

    seed: int
    seconds: float
    form: str = "deployed"
    per_second: float = 10.0
    every: float = 8.0
    longest: float = 30.0
    patience: float = 240.0
    only: Sequence[str] = ()
    #: The revision that runs in the beginning, and is replaced by this one: then there are no other faults.
    previous: str | None = None
    program: Sequence[str] = PROGRAM

    def replay(self) -> str:
        """The command that does it again."""
        rate = f"--form {self.form} --reports-per-second {self.per_second:g}"
        rate += "".join(f" --only '{each}'" for each in self.only)
        if self.previous:
            rate += f" --from {self.previous}"
        return f"./dev chaos --minutes {self.seconds / 60:g} --seed {self.seed} {rate}"


@dataclass
class Result:
    """What came of it. ``timeline``: (seconds, what was done)."""

    chaos: Chaos
    findings: list[Finding] = field(default_factory=list)
    timeline: list[tuple[float, str]] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    record: Record = field(default_factory=Record)
    quiet_after: float = 0.0
    resident: dict[str, int] = field(default_factory=dict)
    pauses: Pauses | None = None
    doubled: str = ""

    @property
    def failed(self) -> bool:
        return any(each.count for each in self.findings)

    def count(self, words: str) -> int:
        """The sum of the numbers whose name has these words in it."""
        chosen = [each.count for each in self.findings if words in each.name]
        assert chosen, f"no finding is about {words}"
        return sum(chosen)


def run(chaos: Chaos) -> Result:
    """Start a system, do all of it, and take it down."""
    result = Result(chaos)
    with (
        tempfile.TemporaryDirectory(prefix="estafet-chaos-") as folder,
        release(chaos.previous) if chaos.previous else nullcontext(ROOT) as home,
        _town(chaos, Path(folder), home) as town,
        town.flight,
    ):
        town.wait_for_city()
        planned = _planned(chaos)
        with Load(town, result.record, chaos.per_second, chaos.seed):
            began = time.monotonic()
            time.sleep(_WARMING)
            if chaos.previous:
                for done in replace_all(town):
                    result.timeline.append((time.monotonic() - began, done))
                    result.struck["replaced"] += 1
            _strike_all(town, planned, result, began + _WARMING)
            time.sleep(max(0.0, began + chaos.seconds - time.monotonic()))
            _heal(town)
        result.quiet_after, moving = wait_for_quiet(town, chaos.patience)
        restless = Finding("still not quiet", tuple(moving))
        deaths = Finding("processes that ended by themselves", tuple(town.fleet.deaths))
        refused = Finding("requests answered 500", _broken_answers(result.record))
        result.findings = [*audit(town, result.record), restless, deaths, refused]
        result.pauses = longest(town.databases["tickets"])
        result.resident = dict(town.fleet.resident)
        if town.courier is not None:
            result.doubled = f"{town.courier.messages} messages came as {town.courier.copies} copies, in another order"
    return result


def _town(chaos: Chaos, folder: Path, home: Path) -> AbstractContextManager[Town]:
    if chaos.form == "embedded":
        return embedded(folder, chaos.program)
    if chaos.form == "cluster":
        return cluster(folder, home)
    return deployed(folder, chaos.program, chaos.longest, chaos.seed, home)


def _planned(chaos: Chaos) -> Sequence[Planned]:
    if chaos.previous:
        return ()
    return plan(chaos.seed, chaos.seconds - _WARMING, chaos.only or list(faults.of(chaos.form)), chaos.every)


def _strike_all(town: Town, planned: Sequence[Planned], result: Result, began: float) -> None:
    """Each in a thread of its own, so that one may strike while another lasts."""
    table = faults.of(town.form)
    threads = []

    def strike(each: Planned) -> None:
        at = time.monotonic()
        try:
            done = table[each.fault](town, random.Random(each.seed))
        except Exception as error:
            done = f"{each.fault} could not be done: {type(error).__name__}: {error}"
        result.timeline.append((at - began + _WARMING, f"{done} [{time.monotonic() - at:.1f} s]"))
        result.struck[each.fault] += 1

    for each in planned:
        time.sleep(max(0.0, began + each.at - time.monotonic()))
        threads.append(threading.Thread(target=strike, args=(each,), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _heal(town: Town) -> None:
    town.network.heal()
    town.fleet.wait_alive()


def _broken_answers(record: Record) -> tuple[str, ...]:
    """500 says that nobody foresaw it; 503 says that the database is away, and is foreseen."""
    return tuple(f"{asked}: {count}" for (asked, came), count in record.answers.items() if came == "500")
