"""``./dev bench``: every contender on the same work in one run, in turns; a table, ``results.json`` and pictures."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from hashlib import md5
from pathlib import Path

import click
import psycopg
from psycopg.sql import SQL
from rich.console import Console

from bench import report
from bench.contenders import baseline
from bench.contenders.contender import Contender, Named
from bench.contenders.embedded import Embedded
from bench.contenders.ours import Ours
from bench.load import get
from bench.measures import flow, growth, latency, rest
from bench.measures.handoffs import handoffs
from bench.measures.throttle import Unavailable, throttled
from bench.results import Results, header
from tests.bed import Broker, Databases, Postgres, RabbitMQ

HERE = Path(__file__).parent
#: Reports that a contender is given before anything is measured, and how many seconds a round should take it.
WARM_UP = 300
ROUND = 5.0
#: Rounds of what is measured in each size, and of what takes long to begin.
FEW = 2
#: Processes of each service.
PROCESSES = (1, 2, 3)
#: Connections to the embedded form: at the end of a round what wrk gave up is still in work.
EMBEDDED = 16
#: Of a core, for each of them.
SHARE = 0.1
#: Reports there are already, and what an office then asks for: its desk, a word in one report, a word in each.
SIZES = (1_000, 10_000, 100_000, 1_000_000)
PAGES = {
    "a desk page among reports": "",
    "a rare word among reports": f"&q={md5(b'text5', usedforsecurity=False).hexdigest()[:12]}",
    "a common word among reports": "&q=rusak",
}
#: Reports of one round of handoffs.
HANDED_ON = 100
#: Reports a second at which everybody has nothing to do in between.
LOW = 10.0

console = Console(width=None if sys.stdout.isatty() else 140)


class Bench:
    """The contenders on their servers, and what was measured of them."""

    def __init__(
        self, contenders: Sequence[Contender], broker: Broker, databases: Databases, results: Results, rounds: int
    ) -> None:
        self._contenders = contenders
        self._broker = broker
        self._databases = databases
        self._results = results
        self._rounds = rounds
        self._rate: dict[str, float] = {}

    def warm_up(self) -> None:
        """And learn how fast each is, roughly. Databases know their tables then, as they do after a minute anyway."""
        for each in self._contenders:
            flow.by_event(each, WARM_UP)
            for database in each.databases:
                with psycopg.connect(database, autocommit=True) as connection:
                    connection.execute("vacuum analyze")
            self._rate[each.name] = flow.by_event(each, WARM_UP)
            console.print(f"warm-up  {each.name}: about {self._rate[each.name]:.0f} reports a second")

    def intake(self) -> None:
        def measure(each: Contender) -> None:
            rate = flow.by_event(each, int(ROUND * self._rate[each.name]))
            self._add("reports by event", "1/s", each, rate)

        self._in_turns(measure)

    def http(self) -> None:
        def measure(each: Contender) -> None:
            if each.reports_url is None:
                return
            found = flow.by_http(each, int(ROUND))
            assert not found.refused, f"{each.name} refused {found.refused} requests"
            self._add("reports accepted by HTTP", "1/s", each, found.accepted)
            self._add("of these completed", "1/s", each, found.completed)
            self._add("completed after the last by", "s", each, found.behind)

        self._in_turns(measure)

    def latency(self) -> None:
        def measure(each: Contender) -> None:
            half = (self._results.median("reports by event", each.name) or self._rate[each.name]) / 2
            for where, rate in (("low rate", LOW), ("half of capacity", half)):
                found = sorted(1000 * took for took in latency.latencies(each, rate, ROUND))
                self._add("latency p50", "ms", each, found[len(found) // 2], where)
                self._add("latency p99", "ms", each, found[int(len(found) * 0.99)], where)

        self._in_turns(measure, min(FEW, self._rounds))

    def backlog(self) -> None:
        def measure(each: Contender) -> None:
            self._add("backlog, from the start", "1/s", each, flow.drain(each, int(ROUND * self._rate[each.name])))

        self._in_turns(measure, min(FEW, self._rounds))

    def rest(self) -> None:
        def measure(each: Contender) -> None:
            self._add("start to ready", "s", each, rest.start(each))
            if isinstance(each, Ours) and not each.letters:
                return  # it is not at rest: it tries each second to send what waits
            found = rest.at_rest(each, ROUND)
            self._add("at rest: processor", "% of a core", each, 100 * found.cpu)
            self._add("at rest: memory", "MB", each, found.memory / 1e6)

        self._in_turns(measure, 1)

    def handoffs(self) -> None:
        for _ in range(self._rounds):
            for ours in self._ours():
                self._add("handoffs", "1/s", ours, handoffs(ours, HANDED_ON))

    def scaling(self) -> None:
        """As many processes as that take more cores than most machines have: so each gets a small share of one."""
        for _ in range(min(FEW, self._rounds)):
            for ours in self._ours():
                for count in PROCESSES:
                    self._scaled(ours, count)
                ours.stop()
                ours.start()

    def _scaled(self, ours: Ours, count: int) -> None:
        ours.stop()
        ours.start(count)
        try:
            with throttled(ours.processes.values(), SHARE):
                flow.by_event(ours, WARM_UP)
                rate = flow.by_event(ours, count * WARM_UP)
        except Unavailable as error:
            console.print(f"scaling is not measured: no control groups ({error}); they take root on Linux")
        else:
            self._add(f"by event, {SHARE:.0%} of a core a process", "1/s", ours, rate, f"{count} a service")

    def embedded(self) -> None:
        with closing(Embedded()) as embedded:
            embedded.start()
            flow.by_http(embedded, 2, EMBEDDED)
            for _ in range(self._rounds):
                found = flow.by_http(embedded, int(ROUND), EMBEDDED)
                assert not found.refused, f"{found.refused} requests were refused"
                self._add("embedded: reports accepted by HTTP", "1/s", embedded, found.accepted)
                self._add("embedded: of these completed", "1/s", embedded, found.completed)

    def growth(self) -> None:
        """Ours alone, in each size, in turns."""
        with ExitStack() as stack:
            grown: dict[int, Ours] = {}
            for size in SIZES:
                grown[size] = stack.enter_context(closing(Ours()))
                _begin(grown[size], self._broker, self._databases)
                growth.grow(grown[size], size)
            for _ in range(min(FEW, self._rounds)):
                for size, ours in grown.items():
                    self._measure_grown(ours, f"{size:,}")
            for length, found in growth.appends(grown[SIZES[0]], (10, 1000), 100).items():
                for took in found:
                    self._results.add("an entry more in a chain of", "ms", "estafet", [1000 * took], f"{length:,}")

    def _measure_grown(self, ours: Ours, where: str) -> None:
        self._add("a handoff among reports", "ms", ours, 1000 / handoffs(ours, HANDED_ON), where)
        for page, path in PAGES.items():
            office, *_ = ours.rows("tickets", "select offered_to from tickets where code = 'OLD-5'")[0]
            found = get(f"{ours.system.url}/api/v1/desk?list=offered{path}", ours.system.tokens()[office], 2)
            self._add(page, "ms", ours, 1000 * found.median, where)

    def _ours(self) -> list[Ours]:
        return [each for each in self._contenders if isinstance(each, Ours) and each.letters]

    def _in_turns(self, measure: Callable[[Contender], None], rounds: int | None = None) -> None:
        for _ in range(rounds or self._rounds):
            for each in self._contenders:
                measure(each)

    def _add(self, measure: str, unit: str, contender: Named, figure: float, where: str = "") -> None:
        self._results.add(measure, unit, contender.name, [figure], where)
        console.print(f"{measure:<28} {where:<16} {contender.name:<12} {figure:.4g} {unit}")


PARTS = ("intake", "http", "latency", "handoffs", "backlog", "scaling", "rest", "embedded", "growth")


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each is measured.")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="A part alone. [default: all]")
@click.option("--contender", "names", multiple=True, help="A contender alone. [default: all]")
def bench(rounds: int, only: Sequence[str], names: Sequence[str]) -> None:
    """Measure ours beside naive nameko, FastStream and the limit."""
    with Postgres(durable=True) as databases, RabbitMQ() as broker, ExitStack() as stack:
        results = Results(header(".".join(map(str, broker.version)), _version(databases)))
        contenders = [each for each in everybody() if not names or each.name.startswith(tuple(names))]
        for each in contenders:
            stack.callback(each.close)
            _begin(each, broker, databases)
        run = Bench(contenders, broker, databases, results, rounds)
        run.warm_up()
        for part in only or PARTS:
            getattr(run, part)()
    report.show(results, console)
    if not only and not names:
        results.write(HERE / "results.json")
        report.draw(results, HERE)


def everybody() -> list[Contender]:
    return [Ours(), Ours(letters=False), baseline.naive(), baseline.faststream(), baseline.limit()]


def _version(databases: Databases) -> str:
    return str(databases.execute(SQL("show server_version"))[0][0])


def _begin(contender: Contender, broker: Broker, databases: Databases) -> None:
    contender.lay_out(broker, databases)
    contender.start()


if __name__ == "__main__":
    # Asked to end, it takes its servers and processes with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    bench()
