"""What happens next, as a seed decides: one step at a time, and in the end quiet."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notify.retries import LEASE
from tests.simulation.audit import Audit
from tests.simulation.mail import fates
from tests.simulation.people import People
from tests.simulation.perils import CRASHES, CUTS, Crash, Violation
from tests.simulation.station import Station
from tests.simulation.trace import Trace
from tests.simulation.world import World

#: Messages in one batch, at most.
_BATCH = 6
#: Rounds after the last step until everything must be quiet.
_ROUNDS = 400


class Scheduler:
    def __init__(self, world: World, seed: int, trace: Trace) -> None:
        self.world = world
        self.trace = trace
        self.chance = random.Random(seed)
        world.restart(seed)
        world.mail.restart(fates(self.chance.choice))
        self.people = People(world, self.chance)
        self.audit = Audit(world, self.people)
        self._step = 0
        self._acts: tuple[tuple[int, Callable[[], str | None]], ...] = (
            (40, self._deliver),
            (24, self._publish),
            (20, self._act),
            (5, self._pass_time),
            (4, self._sweep),
            (5, self._send),
            (3, self._retry),
            (3, self._double),
            (3, self._delay),
            (2, self._report),
            (1, self._crash),
        )
        self._weights = [weight for weight, _ in self._acts]
        self._reports = self.chance.randint(1, 3)

    def play(self, steps: int) -> None:
        """All of it.

        Raises:
            Violation: with what must hold and did not.
        """
        for self._step in range(1, steps + 1):
            act = self._report if self._step == 1 else self.chance.choices(self._acts, self._weights)[0][1]
            self._do(act)
        self._settle()

    def _do(self, act: Callable[[], str | None]) -> None:
        self.people.is_acting = False
        try:
            said = act()
        except Crash as crash:
            said = self._died(str(crash))
        self.world.perils.disarm()
        if said is not None:
            self.trace.add(self._step, self.world.clock.time, said)
            self.audit.after_step()

    def _died(self, where: str) -> str:
        """The process that was at work is gone."""
        self.world.crash(self._at_work)
        return f"{self._doing}; {self._at_work.name} dies {where}"

    def _begin(self, station: Station, doing: str, risk: float = 0.15) -> None:
        self._at_work, self._doing = station, doing
        self.world.perils.struck = None
        if self.chance.random() < risk:
            places = CRASHES if self.chance.random() < 0.75 else CUTS
            self.world.perils.arm(self.chance.choice(places), self.chance.choice((0, 0, 0, 1, 2)))

    # Steps

    def _station(self) -> Station:
        return self.world.stations[self.chance.choice(("tickets", "routing", "notify"))]

    def _deliver(self) -> str | None:
        station = self._station()
        ready = [each for each in self.world.broker.waiting[station.name] if each.not_before <= self._step]
        if not ready:
            return None
        chosen = self.chance.sample(ready, min(len(ready), self.chance.randint(1, _BATCH)))
        labels = ", ".join(parcel.label for parcel in chosen)
        self._begin(station, f"{station.name} gets {labels}")
        station.deliver(chosen)
        return self._doing + self._cut()

    def _publish(self) -> str | None:
        station = self._station()
        self._begin(station, f"{station.name} publishes")
        count = station.publish()
        return f"{station.name} publishes {count}{self._cut()}" if count or self.world.perils.struck else None

    def _act(self) -> str | None:
        if not self.people.reports:
            return None
        self._begin(self.world.tickets, "somebody acts", risk=0.05)
        return self.people.act()

    def _report(self) -> str | None:
        people = self.people
        if people.unanswered and self.chance.random() < 0.5:
            self._begin(self.world.tickets, "a client reports again", risk=0.2)
            return people.report_again()
        if len(people.references) >= self._reports:
            return people.strange() if self.chance.random() < 0.2 else None
        if self.chance.random() < 0.4:
            return people.submit()
        self._begin(self.world.tickets, "somebody reports", risk=0.2)
        return people.report()

    def _pass_time(self) -> str:
        """A while; or until the next clock or retry is due, and a little more or less."""
        due = self._next_due() if self.chance.random() < 0.6 else None
        if due is not None:
            self.world.clock.reach(due + timedelta(seconds=self.chance.choice((-1, 0, 1))))
        else:
            self.world.clock.pass_by(timedelta(seconds=self.chance.choice((1, 30, 600, 3600, 86400))))
        return "time passes"

    def _next_due(self) -> datetime | None:
        routing = self.world.routing.database.rows("select min(next_at) from clocks")[0][0]
        return _moment(routing)

    def _sweep(self) -> str:
        self._begin(self.world.routing, "routing looks at its clocks")
        self.world.routing.service.sweep()
        return self._doing

    def _send(self) -> str | None:
        self._begin(self.world.notify, "notify sends")
        return "notify sends" if self._letters() else None

    def _letters(self) -> int:
        """How many were tried. The sender is spared where there is nothing: it would change nothing."""
        notify = self.world.notify
        if not notify.database.rows("select 1 from deliveries where state in ('created', 'sending') limit 1"):
            return 0
        return notify.service.sender.run()

    def _retry(self) -> str | None:
        station = self._station()
        self._begin(station, f"{station.name} tries again")
        return self._doing if station.retry() else None

    def _double(self) -> str | None:
        def double(queue: list[Any], at: int) -> str:
            queue.append(queue[at])
            return "is doubled"

        return self._with_parcel(double)

    def _delay(self) -> str | None:
        until = self._step + self.chance.randint(5, 80)

        def delay(queue: list[Any], at: int) -> str:
            queue[at] = queue[at].until(until)
            return f"is late until step {until}"

        return self._with_parcel(delay)

    def _with_parcel(self, change: Callable[[list[Any], int], str]) -> str | None:
        queue = self.world.broker.waiting[self._station().name]
        if not queue:
            return None
        at = self.chance.randrange(len(queue))
        label = queue[at].label
        return f"{label} {change(queue, at)}"

    def _crash(self) -> str:
        station = self._station()
        self.world.crash(station)
        return f"{station.name} dies idle"

    def _cut(self) -> str:
        struck, self.world.perils.struck = self.world.perils.struck, None
        return f"; {struck}" if struck else ""

    # The end

    def _settle(self) -> None:
        """No more faults, no more people: what is under way is brought to its end."""
        self.world.mail.restart_fates()
        self._step += 1
        while self.people.unanswered:
            self._do(self._answer_all)
        for _ in range(_ROUNDS):
            if not self._round() and not self._wait():
                break
        else:
            raise Violation(f"not quiet after {_ROUNDS} rounds")
        self.audit.at_the_end()

    def _answer_all(self) -> str:
        return self.people.report_again()

    def _round(self) -> bool:
        """Every part of every service once; answers whether any had something to do."""
        busy = False
        for station in self.world.stations.values():
            busy |= bool(station.publish())
            parcels = list(self.world.broker.waiting[station.name])
            if parcels:
                busy = True
                station.deliver(parcels[:200])
            while station.retry():
                busy = True
        busy |= bool(self._letters())
        if busy:
            self.people.is_acting = False
            self.trace.add(self._step, self.world.clock.time, "a round of quiet work")
            self.audit.after_step()
        return busy

    def _wait(self) -> bool:
        """Until the next retry, of a message or of a letter, is due."""
        due: list[datetime] = []
        for station in self.world.stations.values():
            rows = station.database.rows("select min(due_at) from deferred where state = 'waiting'")
            due += filter(None, [_moment(rows[0][0])])
        notify = self.world.notify.database
        for state, column, more in (("created", "next_attempt", timedelta(0)), ("sending", "claimed_at", LEASE)):
            moment = _moment(notify.rows(f"select min({column}) from deliveries where state = ?", state)[0][0])
            due += [moment + more] if moment else []
        if not due:
            return False
        # A message to a reporter whose contact never came waits for it a while.
        self.world.clock.reach(max(min(due), self.world.clock.time + timedelta(seconds=1)))
        return True


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC) if stored else None
