"""What a contender needs while nothing happens, and how long until it serves."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

from bench.contenders.contender import Contender

#: Seconds after a start in which a process may still look for what it left behind.
SETTLING = 6.0


@dataclass(frozen=True, slots=True)
class AtRest:
    """Of the greediest process: share of a core, and resident bytes."""

    cpu: float
    memory: int


def at_rest(contender: Contender, seconds: float) -> AtRest:
    processes = [psutil.Process(pid) for pid in contender.processes.values()]
    time.sleep(SETTLING)
    before = [_busy(process) for process in processes]
    time.sleep(seconds)  # this is the measurement: nothing happens for so long
    shares = [(_busy(process) - was) / seconds for process, was in zip(processes, before, strict=True)]
    return AtRest(max(shares), max(process.memory_info().rss for process in processes))


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def start(contender: Contender) -> float:
    """Seconds from the start of the processes until all are ready."""
    contender.stop()
    began = time.monotonic()
    contender.start()
    return time.monotonic() - began
