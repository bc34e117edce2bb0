"""A result in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.chaos.run import Result


def lines(result: Result) -> Iterator[str]:
    chaos, record = result.chaos, result.record
    doors = ", ".join(f"{count} by {door}" for door, count in sorted(record.by_door().items()))
    acts = Counter(act.act for act in record.acts)
    yield f"seed {chaos.seed}, {chaos.form}, {chaos.seconds / 60:g} minutes"
    yield f"reports accepted: {len(record.accepted)} ({doors}); acts: {_counted(acts)}"
    yield f"faults: {sum(result.struck.values())} ({_counted(result.struck)})"
    if result.doubled:
        yield result.doubled
    answers = Counter[str]()
    for (_, came), count in record.answers.items():
        answers["no answer" if came == "0" else came] += count
    yield f"answers: {_counted(answers)}"
    if result.pauses is not None:
        pauses = result.pauses
        yield f"longest time without any offer: {pauses.standstill:.1f} s, at {pauses.began:.0f} s"
        yield f"from opened to offered: at most {pauses.waited:.1f} s, half within {pauses.usually:.2f} s"
    memory = ", ".join(f"{name} {size / 2**20:.0f} MB" for name, size in sorted(result.resident.items()))
    if memory:
        yield f"most memory: {memory}"
    yield f"quiet after {result.quiet_after:.0f} s"
    yield "audit (each must be 0):"
    for finding in result.findings:
        yield from finding.lines()
    yield "what was done, by second:"
    yield from (f"{at:>8.1f}  {done}" for at, done in sorted(result.timeline))
    if result.failed:
        yield f"again: {chaos.replay()}"
    yield "FAILED" if result.failed else "ok: nothing lost, nothing twice"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
