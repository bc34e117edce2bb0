"""All of the load together, in threads."""

from __future__ import annotations

import random
import threading
from typing import Self

from tests.chaos.load.api import Api
from tests.chaos.load.app import App
from tests.chaos.load.citizens import citizen
from tests.chaos.load.officers import Officers
from tests.chaos.load.pace import Pace
from tests.chaos.record import Record
from tests.chaos.town import Town

#: Acts of offices and reporters for each report.
ACTS = 2.5
_CITIZENS = 8
_WORKERS = 6
#: The share of reports that come by event, where there is a broker to bring them.
_BY_EVENT = 0.4


class Load:
    """A context manager: from `with` on the load runs; after it, everything that was begun has its answer."""

    def __init__(self, town: Town, record: Record, per_second: float, seed: int) -> None:
        self._town = town
        self._record = record
        self._chance = random.Random(seed)
        self._run = f"{self._chance.getrandbits(32):08x}"
        self._stop = threading.Event()
        self._tokens = town.system.tokens()
        by_event = _BY_EVENT if town.app_uris else 0.0
        self._threads = [
            *self._citizens(Pace(per_second * (1 - by_event), self._stop)),
            *self._workers(Pace(per_second * ACTS, self._stop)),
            *(self._app(Pace(per_second * by_event, self._stop)) if by_event else ()),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Citizens who wait for an answer still ask for it: faults must be over by now."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _citizens(self, pace: Pace) -> list[threading.Thread]:
        def run(chance: random.Random) -> None:
            with Api(self._town.urls, self._record, chance) as api:
                citizen(api, self._record, pace, self._run, chance)

        return [threading.Thread(target=run, args=(self._fork(),), daemon=True) for _ in range(_CITIZENS)]

    def _workers(self, pace: Pace) -> list[threading.Thread]:
        def run(chance: random.Random) -> None:
            with Api(self._town.urls, self._record, chance) as api:
                Officers(api, self._record, self._tokens, chance).work(pace)

        return [threading.Thread(target=run, args=(self._fork(),), daemon=True) for _ in range(_WORKERS)]

    def _app(self, pace: Pace) -> list[threading.Thread]:
        app = App(self._town.app_uris, self._record, self._run, self._fork())
        return [threading.Thread(target=app.report, args=(pace, self._stop), daemon=True)]

    def _fork(self) -> random.Random:
        return random.Random(self._chance.getrandbits(64))
