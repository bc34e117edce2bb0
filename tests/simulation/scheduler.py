"""What happens next, as a seed decides: one step at a time, and in the end quiet."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.audit import Audit
from tests.simulation.databases import moment
from tests.simulation.mail import fates
from tests.simulation.odds import Odds
from tests.simulation.operator import Operator
from tests.simulation.people import People
from tests.simulation.perils import Crash
from tests.simulation.replica import Replica
from tests.simulation.settling import Settling
from tests.simulation.trace import Trace
from tests.simulation.world import World

#: Messages in one batch, at most.
_BATCH = 6


class Scheduler:
    def __init__(self, world: World, seed: int, trace: Trace) -> None:
        self.world = world
        self.trace = trace
        self.chance = random.Random(seed)
        world.restart(seed)
        world.mail.restart(fates(self.chance.choice))
        self.people = People(world, self.chance)
        self.operator = Operator(world)
        self.audit = Audit(world, self.people)
        self._odds = Odds(self.chance)
        self._step = 0
        self._at_work, self._doing = self._any_replica(), ""
        self._under_way: Callable[[], str | None] = self._publish
        self._amiss: Exception | None = None
        acts = (
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
            (1, self._bury),
            (1, self._poison),
            (1, self._operate),
        )
        self._acts: list[Callable[[], str | None]] = [act for _, act in acts]
        self._weights = self._odds.weighed(acts)
        self._reports = self.chance.randint(1, 3)
        world.broker.lateness = self._lateness

    def play(self, steps: int) -> None:
        """All of it.

        Raises:
            Violation: with what must hold and did not.
        """
        for self._step in range(1, steps + 1):
            act = self._report if self._step == 1 else self.chance.choices(self._acts, self._weights)[0]
            self._do(act)
        self.world.broker.lateness = lambda name: 0
        Settling(self.world, self.people, self.operator, self.audit, self.trace, steps + 1).settle()

    def _do(self, act: Callable[[], str | None]) -> None:
        self.people.is_acting = False
        self._under_way = act
        try:
            said = act()
        except Crash as crash:
            said = self._died(str(crash))
        self.world.perils.disarm()
        if self._amiss is not None and self._busy is None:
            raise self._amiss
        if said is not None:
            self.trace.add(self._step, self.world.clock.time, said)
            self.audit.after_step()

    def _died(self, where: str) -> str:
        """The process that was at work is gone."""
        self.world.crash(self._at_work)
        return f"{self._doing}; {self._at_work.label} dies {where}"

    def _begin(self, replica: Replica, doing: str, risk: float = 0.15) -> Replica:
        self._at_work, self._doing = replica, f"{replica.label} {doing}"
        self.world.perils.struck = None
        if self._busy is None:
            self._odds.arm(self.world.perils, risk, self._meanwhile)
        return replica

    #: Who is in the middle of something while others act.
    _busy: Replica | None = None

    def _meanwhile(self) -> None:
        """Amid what one process does, others do something; perhaps with the very messages that it has in hand."""
        at_work, doing = self._at_work, self._doing
        actor, is_acting = self.people.actor, self.people.is_acting
        self._busy, the_same = at_work, self._under_way
        try:
            self.audit.after_step()
            if self.chance.random() < 0.4:
                at_work.lose_connection()
            for act in (the_same, self._deliver, self._publish, self._act):
                if self.chance.random() < 0.5:
                    self._do(act)
        except Exception as error:  # the interrupted one must not take it for its own
            self._amiss = error
        self._busy = None
        self._at_work, self._doing = at_work, doing
        self.people.actor, self.people.is_acting = actor, is_acting

    # Who

    def _any_replica(self) -> Replica:
        return self._replica(self.chance.choice(("tickets", "routing", "notify")))

    def _replica(self, name: str) -> Replica:
        """Any of the service's; never one that is in the middle of something."""
        replicas = self.world.stations[name].replicas
        return self.chance.choice([each for each in replicas if each is not self._busy])

    # Steps

    def _deliver(self) -> str | None:
        replica = self._any_replica()
        ready = [each for each in self.world.broker.waiting[replica.name] if each.not_before <= self._step]
        if not ready:
            return None
        chosen = self.chance.sample(ready, min(len(ready), self.chance.randint(1, _BATCH)))
        self._begin(replica, f"gets {', '.join(parcel.label for parcel in chosen)}")
        replica.deliver(chosen)
        return self._done()

    def _publish(self) -> str | None:
        replica = self._begin(self._any_replica(), "publishes")
        count = replica.publish()
        return f"{self._done()} {count}" if count or self.world.perils.struck else None

    def _act(self) -> str | None:
        if not self.people.reports:
            return None
        self.people.server = self._begin(self._replica("tickets"), "is asked", risk=0.05)
        return self.people.act() + self._struck()

    def _report(self) -> str | None:
        people = self.people
        again = bool(people.unanswered) and self.chance.random() < 0.5
        if not again and len(people.references) >= self._reports:
            return people.strange() if self.chance.random() < 0.2 else None
        if not again and self.chance.random() < 0.4:
            return people.submit()
        people.server = self._begin(self._replica("tickets"), "is given a report", risk=0.2)
        return (people.report_again() if again else people.report()) + self._struck()

    def _pass_time(self) -> str:
        """A while; or until some clock has something to say or ends, and a little more or less."""
        due = self._next_due() if self.chance.random() < 0.7 else None
        if due is not None:
            self.world.clock.reach(due + timedelta(seconds=self.chance.choice((-1, 0, 1))))
        else:
            self.world.clock.pass_by(timedelta(seconds=self.chance.choice((1, 30, 600, 3600, 86400))))
        return "time passes" if self.chance.random() < 0.4 else f"time passes; {self._sweep()}"

    def _next_due(self) -> datetime | None:
        which = self.chance.choice(
            ("select min(next_at) from clocks", "select min(due) from clocks where clock in ('accept', 'silence')")
        )
        return moment(self.world.routing.database.rows(which)[0][0])

    def _sweep(self) -> str:
        replica = self._begin(self._replica("routing"), "looks at its clocks")
        replica.look(replica.service.sweep)
        return self._done()

    def _send(self) -> str | None:
        replica = self._begin(self._replica("notify"), "sends")
        return self._done() if self.world.send(replica) else None

    def _retry(self) -> str | None:
        replica = self._begin(self._any_replica(), "tries again")
        return self._done() if replica.retry() or self.world.perils.struck else None

    def _bury(self) -> str | None:
        replica = self._any_replica()
        if not self.world.broker.dead[replica.name]:
            return None
        self._begin(replica, "buries what was delivered too often")
        replica.bury()
        return self._done()

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

    def _poison(self) -> str | None:
        """From here on a message kills each process that handles it, some times."""
        times = self.chance.randint(1, 8)

        def poison(queue: list[Any], at: int) -> str | None:
            return self.world.poison(queue[at], times)

        return self._with_parcel(poison)

    def _with_parcel(self, change: Callable[[list[Any], int], str | None]) -> str | None:
        queue = self.world.broker.waiting[self._any_replica().name]
        if not queue:
            return None
        at = self.chance.randrange(len(queue))
        label = queue[at].label
        said = change(queue, at)
        return said and f"{label} {said}"

    def _operate(self) -> str | None:
        return self.operator.replay(self.chance.choice(list(self.world.stations.values())))

    def _crash(self) -> str:
        replica = self._any_replica()
        self.world.crash(replica)
        return f"{replica.label} dies idle"

    def _lateness(self, name: str) -> int:
        late = self._odds.lateness(name)
        return self._step + late if late else 0

    def _done(self) -> str:
        return self._doing + self._struck()

    def _struck(self) -> str:
        struck, self.world.perils.struck = self.world.perils.struck, None
        return f"; {struck}" if struck else ""
