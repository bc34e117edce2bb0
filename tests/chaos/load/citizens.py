"""Citizens who report by HTTP, and ask again under the same Idempotency-Key until they are answered."""

from __future__ import annotations

import random
import threading

from tests.chaos.load.api import Api
from tests.chaos.load.pace import Pace
from tests.chaos.load.reports import report
from tests.chaos.record import Accepted, Record

#: Seconds between two tries.
_PAUSE = 0.2


def citizen(api: Api, record: Record, pace: Pace, run: str, chance: random.Random) -> None:
    """Report when it is one's turn; what was begun is brought to its end, also when all else has stopped."""
    while (number := pace.turn()) is not None:
        reference = f"http-{run}-{number}"
        body = report(reference, chance)
        while True:
            reply = api.call("POST", "/reports", body, key=reference)
            if not reply.undecided:
                break
            record.again()
            threading.Event().wait(_PAUSE)
        if reply.ok:
            record.accept(Accepted(reference, "http", reply.body["code"]), reply.body["secret"])
