"""``./dev simulate``: many seeds, one after the other on each core, or one seed with its whole trace."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial

import click

warnings.simplefilter("ignore")  # of libraries; a failing seed is what is to be read here

from tests.simulation.faults import FAULTS, fault as put  # noqa: E402, I001
from tests.simulation.playing import Failed, find, play  # noqa: E402

#: Seeds a process plays before it reports.
_CHUNK = 20
#: Failed seeds that are shown with their traces.
_SHOWN = 3


@click.command()
@click.option("--seeds", default=200, show_default=True, help="How many seeds to play.")
@click.option(
    "--steps", default=200, show_default=True, help="Steps of each, before the world is left to come to rest."
)
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("--seed", type=int, help="Play this one alone, and show every step.")
@click.option("--faults", is_flag=True, help="Put each fault into the code in turn, and show how soon it is found.")
@click.option("--fault", type=click.Choice(sorted(FAULTS)), help="Put this fault into the code: it has to be found.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default=True, help="Processes.")
def simulate(seeds: int, steps: int, first: int, seed: int | None, faults: bool, fault: str | None, jobs: int) -> None:
    """Play the three services under a scheduler that a seed decides, and check the rules after every step."""
    if faults:
        raise SystemExit(_table(range(first, first + seeds), steps, jobs))
    if seed is not None:
        raise SystemExit(_alone(seed, steps, fault))
    began, played, failed = time.monotonic(), 0, []
    for count, found in _chunks(range(first, first + seeds), steps, fault, jobs):
        played += count
        failed += found
        if fault and failed:
            break
    minutes = (time.monotonic() - began) / 60
    failed.sort(key=lambda each: each.seed)
    for each in failed[:_SHOWN]:
        print(each, end="\n\n")
    print(f"{played} seeds of {steps} steps, {len(failed)} failed; {played / minutes:.0f} seeds a minute")
    if len(failed) > _SHOWN:
        print(f"failed: {' '.join(str(each.seed) for each in failed)}")
    if fault:
        print(f"{fault}: {f'found by seed {failed[0].seed}' if failed else 'NOT FOUND'}")
    raise SystemExit(bool(failed) != bool(fault))


def _alone(seed: int, steps: int, name: str | None) -> int:
    with put(name):
        failed = play(seed, steps, longest=sys.maxsize)
    print(failed or f"seed {seed}: {steps} steps, nothing failed")
    return int(failed is not None)


def _table(seeds: range, steps: int, jobs: int) -> int:
    """Each fault with the seeds it took; answers how many were not found."""
    missed = 0
    print(f"{'fault':45} {'seeds':>5}  found by")
    with ProcessPoolExecutor(jobs) as pool:
        for name, failed in zip(FAULTS, pool.map(partial(find, seeds=seeds, steps=steps), FAULTS), strict=True):
            missed += failed is None
            took = (
                f"{failed.seed - seeds.start + 1:5}  {failed.what[:100]}" if failed else f">{len(seeds):4}  NOT FOUND"
            )
            print(f"{name:45} {took}", flush=True)
    return missed


def _chunks(seeds: range, steps: int, name: str | None, jobs: int) -> Iterator[tuple[int, list[Failed]]]:
    chunks = [seeds[at : at + _CHUNK] for at in range(0, len(seeds), _CHUNK)]
    if jobs == 1:
        yield from (_play_all(chunk, steps, name) for chunk in chunks)
        return
    with ProcessPoolExecutor(jobs) as pool:
        running = [pool.submit(_play_all, chunk, steps, name) for chunk in chunks]
        try:
            for each in as_completed(running):
                yield each.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _play_all(seeds: range, steps: int, name: str | None) -> tuple[int, list[Failed]]:
    with put(name):
        return len(seeds), [failed for seed in seeds if (failed := play(seed, steps))]


if __name__ == "__main__":
    simulate()
