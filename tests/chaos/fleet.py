"""The processes of a system, and the supervisor that starts again what ended."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Self

import psutil

from tests.chaos.unit import Unit

#: Seconds between the end of a process and its next start, as a supervisor leaves.
PAUSE = 0.5
_LOOK = 0.25
#: Looks between two measurements of memory.
_MEASURED_EVERY = 12


class Fleet:
    """A context manager: from `with` on, all units run; after it, none does."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = tuple(units)
        #: Unit → the most memory one of its processes had, in bytes.
        self.resident: dict[str, int] = {}
        #: What ended though nobody had ended it.
        self.deaths: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        try:
            for unit in self.units:
                unit.start()
            for unit in self.units:
                unit.wait_alive()
        except BaseException:
            self.__exit__()
            raise
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for unit in self.units:
            unit.kill()

    def of(self, service: str) -> list[Unit]:
        return [unit for unit in self.units if service in unit.services]

    def wait_alive(self) -> None:
        """Until everything runs; what ends meanwhile is started again."""
        for unit in self.units:
            while True:
                try:
                    unit.wait_alive()
                    break
                except RuntimeError:
                    self._stop.wait(PAUSE)

    def _supervise(self) -> None:
        looks = 0
        while not self._stop.wait(_LOOK):
            for unit in self.units:
                if unit.lock.acquire(blocking=False):  # else it is being rolled
                    try:
                        self._revive(unit)
                    finally:
                        unit.lock.release()
            if looks % _MEASURED_EVERY == 0:
                self._measure()
            looks += 1

    def _revive(self, unit: Unit) -> None:
        process = unit.process
        if process is None or process.poll() is None:
            return
        if process.pid not in unit.ended:
            self.deaths.append(f"{unit.name} ended by itself with {process.returncode}:\n{unit.log_tail()}")
        if not self._stop.wait(PAUSE):
            unit.start()

    def _measure(self) -> None:
        for unit in self.units:
            process = unit.process
            if process is not None:
                try:
                    resident = psutil.Process(process.pid).memory_info().rss
                except psutil.Error:
                    continue
                self.resident[unit.name] = max(resident, self.resident.get(unit.name, 0))
