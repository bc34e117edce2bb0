"""A log of who had which case, as a process-mining log in CSV: read it, and say what the rules will make of it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from estafet.cli.failure import Failure

COLUMNS = ("case", "time", "resource")
_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


@dataclass(frozen=True, slots=True)
class LoggedCase:
    """A case: the offices that held it, one after the other, never the same twice in a row, and since when."""

    name: str
    holders: tuple[str, ...]
    since: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class HandoffLog:
    """The whole log. ``digest`` (SHA-256 of its text) makes each case's idempotency key its own."""

    digest: str
    cases: tuple[LoggedCase, ...]

    @property
    def offices(self) -> tuple[str, ...]:
        return tuple(sorted({office for case in self.cases for office in case.holders}))

    @property
    def first_offices(self) -> tuple[str, ...]:
        return tuple(sorted({case.holders[0] for case in self.cases}))

    def key(self, case: LoggedCase) -> str:
        return hashlib.sha256(f"{self.digest}/{case.name}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Summary:
    """What a replay comes to; the same numbers from the log alone and from the running system.

    Attributes:
        reports: cases with at least one holder.
        handoffs: changes of holder.
        ordinary: those that were offered and accepted.
        assigned: those a coordinator decided.
        refused: handoffs asked for that the rules did not let through.
        refused_returns: of those, the ones that would have gone back to a former holder.
        convened: reports brought to the coordinator at least once.
        longest_chain: most changes of holder of one report.
        last_holders: SHA-256 over each report's key and last holder.
    """

    reports: int
    handoffs: int
    ordinary: int
    assigned: int
    refused: int
    refused_returns: int
    convened: int
    longest_chain: int
    last_holders: str


@dataclass(frozen=True, slots=True)
class Course:
    """How one case fares under the rules."""

    ordinary: int
    assigned: int
    refused: int
    refused_returns: int


def read(path: Path, nobody: Iterable[str] = (), limit: int | None = None) -> HandoffLog:
    """Read ``path``, a CSV file, gzip-compressed when its name ends in ``.gz``.

    Args:
        nobody: resources that are no holders, such as a system user who closes cases.
        limit: read only the first so many cases.

    Raises:
        Failure: it cannot be read, or lacks a column.
    """
    try:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines()))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise Failure(f"Cannot read the log {path}: {error}. It must be CSV in UTF-8, or that in gzip.") from error
    missing = [column for column in COLUMNS if not rows or column not in rows[0]]
    if missing:
        raise Failure(f"The log {path} lacks the column {missing[0]}; it needs {', '.join(COLUMNS)}.")
    cases = [case for case in _cases(rows, frozenset(nobody), path) if case.holders]
    return HandoffLog(hashlib.sha256(text).hexdigest(), tuple(cases[:limit]))


def expected(log: HandoffLog, hop_budget: int | None) -> Summary:
    """What a replay must come to, computed from the log alone."""
    courses = [course(case.holders, hop_budget) for case in log.cases]
    return Summary(
        reports=len(log.cases),
        handoffs=sum(len(case.holders) - 1 for case in log.cases),
        ordinary=sum(each.ordinary for each in courses),
        assigned=sum(each.assigned for each in courses),
        refused=sum(each.refused for each in courses),
        refused_returns=sum(each.refused_returns for each in courses),
        convened=sum(each.assigned > 0 for each in courses),
        longest_chain=max((len(case.holders) - 1 for case in log.cases), default=0),
        last_holders=last_holders({log.key(case): case.holders[-1] for case in log.cases}),
    )


def course(holders: Sequence[str], hop_budget: int | None) -> Course:
    """Ordinary handoffs until one is refused: a return (rule 3) or one over the budget (rule 4); then assignments."""
    gone: set[str] = set()
    for hops, (holder, receiver) in enumerate(itertools.pairwise(holders)):
        gone.add(holder)
        returns = receiver in gone
        if returns or (hop_budget is not None and hops >= hop_budget):
            return Course(hops, len(holders) - 1 - hops, 1, int(returns))
    return Course(len(holders) - 1, 0, 0, 0)


def last_holders(by_key: Mapping[str, str]) -> str:
    """One digest of who holds what in the end."""
    lines = "".join(f"{key} {office}\n" for key, office in sorted(by_key.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _cases(rows: Iterable[Mapping[str, str]], nobody: frozenset[str], path: Path) -> Iterable[LoggedCase]:
    holders: dict[str, list[tuple[str, datetime]]] = {}
    for number, row in enumerate(rows, start=2):
        known = holders.setdefault(row["case"], [])
        if row["resource"] in nobody:
            continue
        office = f"t{row['resource']}".lower()
        if not _SLUG.fullmatch(office):
            raise Failure(f"{path}, line {number}: the resource must be letters, digits, dots and dashes.")
        if not known or known[-1][0] != office:
            known.append((office, _time(row["time"], path, number)))
    for name, held in holders.items():
        yield LoggedCase(name, tuple(office for office, _ in held), tuple(since for _, since in held))


def _time(text: str, path: Path, number: int) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"{path}, line {number}: {text!r} is not a time like 2010-03-31 14:59:42+00:00.") from error
    if time.tzinfo is None:
        raise Failure(f"{path}, line {number}: the time lacks its offset from UTC, such as +00:00.")
    return time
