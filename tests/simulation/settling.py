"""The end: no more faults, no more people; what is under way is brought to its end, and all is checked once more."""

from __future__ import annotations

from datetime import datetime, timedelta

from estafet.relay.publisher import SWEEP
from services.notify.sending.retries import CONTACT_WAIT, LEASE
from tests.simulation.audit import Audit
from tests.simulation.databases import moment
from tests.simulation.operator import Operator
from tests.simulation.people import People
from tests.simulation.perils import Crash, Violation
from tests.simulation.replica import Replica
from tests.simulation.station import Station
from tests.simulation.trace import Trace
from tests.simulation.world import World

#: Rounds until everything must be quiet, and how far they are apart.
_ROUNDS = 400
_RHYTHM = timedelta(seconds=SWEEP)


class Settling:
    def __init__(self, world: World, people: People, operator: Operator, audit: Audit, trace: Trace, step: int) -> None:
        self.world, self.people, self.operator = world, people, operator
        self.audit, self.trace, self._step = audit, trace, step

    def settle(self) -> None:
        """Raises Violation when it does not come to rest, or something is amiss when it has."""
        self.world.mail.restart_fates()
        while self.people.unanswered:
            self._checked(self.people.report_again())
        self.people.is_acting = False
        for _ in range(_ROUNDS):
            if not self._round() and not self._wait():
                break
        else:
            raise Violation(f"not quiet after {_ROUNDS} rounds")
        self.audit.at_the_end()

    def _round(self) -> bool:
        """Every part of every service once; answers whether any had something to do."""
        busy = False
        self.world.clock.pass_by(_RHYTHM)
        for station in self.world.stations.values():
            replica = station.replicas[0]
            try:
                busy |= self._work(station, replica)
            except Crash:  # what kills its process does so in the end too
                self.world.crash(replica)
                busy = True
        if busy:
            self._checked("a round of quiet work")
        return busy

    def _work(self, station: Station, replica: Replica) -> bool:
        busy = bool(replica.publish())
        parcels = list(self.world.broker.waiting[station.name])
        if parcels:
            busy = True
            replica.deliver(parcels[:200])
        if self.world.broker.dead[station.name]:
            busy = True
            replica.bury()
        while replica.retry():
            busy = True
        if station is self.world.notify:
            busy |= bool(self.world.send(replica))
        return bool(self.operator.replay(station)) or busy

    def _checked(self, said: str) -> None:
        self.trace.add(self._step, self.world.clock.time, said)
        self.audit.after_step()

    def _wait(self) -> bool:
        """Until the next retry, of a message or of a letter, is due; answers whether anything is waited for."""
        due: list[datetime] = []
        for station in self.world.stations.values():
            due += _moments(station, "select due_at from deferred where state = 'waiting'")
        notify = self.world.notify
        due += _moments(notify, "select next_attempt from deliveries where state = 'created'")
        # A message to a reporter whose contact never came waits for it a while.
        due += _moments(notify, "select created_at from deliveries where state = 'created'", CONTACT_WAIT)
        due += _moments(notify, "select claimed_at from deliveries where state = 'sending'", LEASE)
        now = self.world.clock.time
        self.world.clock.reach(min((each for each in due if each > now), default=now + timedelta(seconds=1)))
        return bool(due)


def _moments(station: Station, query: str, later: timedelta = timedelta(0)) -> list[datetime]:
    return [each + later for (stored,) in station.database.rows(query) if (each := moment(stored))]
