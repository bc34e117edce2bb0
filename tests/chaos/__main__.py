"""``./dev chaos``: the whole system under faults, and then the audit."""

from __future__ import annotations

import random
import signal

import click

from tests.chaos import faults
from tests.chaos.run import Chaos, run
from tests.chaos.telling import lines

#: Minutes from which links are frozen for as long as half a minute.
_LONG = 4


@click.command()
@click.option("--minutes", default=2.0, show_default=True, help="How long load and faults go on.")
@click.option("--seed", type=int, help="Decides the faults and when they strike. [default: random, printed]")
@click.option("--form", default="deployed", show_default=True, type=click.Choice(["deployed", "embedded", "cluster"]))
@click.option("--reports-per-second", "per_second", default=10.0, show_default=True, help="Reports, by HTTP and event.")
@click.option("--only", metavar="FAULT", multiple=True, help="This fault and no other; can be given again.")
@click.option("--from", "previous", metavar="REVISION", help="Begin with this release; replace it under load.")
def chaos(
    minutes: float, seed: int | None, form: str, per_second: float, only: tuple[str, ...], previous: str | None
) -> None:
    """Steady load and random faults; then everything is healed, and what the system holds is audited.

    The cluster is that of deploy/cluster.yml, in containers: its nodes are killed one after another.

    With --from there are no faults: the processes of an earlier release are replaced by this one's, one after another.
    """
    if unknown := set(only) - set(faults.of(form)):
        known = ", ".join(faults.of(form))
        raise click.UsageError(f"no fault {', '.join(sorted(unknown))} in the form {form}; there are: {known}")
    seed = random.randrange(10**6) if seed is None else seed
    longest = 30.0 if minutes >= _LONG else 8.0
    every = 25.0 if form == "cluster" else 8.0  # a node takes its time to come back
    planned = Chaos(seed, minutes * 60, form, per_second, every, longest, only=only, previous=previous)
    print(f"seed {seed}; again: {planned.replay()}", flush=True)
    result = run(planned)
    for line in lines(result):
        print(line)
    raise SystemExit(result.failed)


if __name__ == "__main__":
    # Asked to end, it takes its servers and processes with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chaos()
