"""``estafet replay``: a real handoff log, played through a running system."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from estafet.cli import tokenfile
from estafet.cli.citydata import check, edition_of, load_city, loaded_edition
from estafet.cli.connection import reaching
from estafet.cli.failure import Failure
from estafet.cli.replay import city as replaycity
from estafet.cli.replay import handofflog
from estafet.cli.replay.handofflog import HandoffLog, Summary
from estafet.cli.replay.player import Outcome, Play, Player
from estafet.cli.replay.schedule import Schedule
from estafet.cli.terminal import console
from estafet.client import Client, Problem, Unreachable, wait
from estafet.settings import Settings, from_environment

#: Cases under way for each worker, when it goes as fast as it can.
_AT_ONCE = 4


class HopBudget(click.ParamType[int | None]):
    name = "N|off"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        if value is None or value == "off":
            return None
        if str(value).isdigit():
            return int(str(value))
        self.fail("must be a number, or off", param, ctx)


@click.command("replay")
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--nobody", multiple=True, default=["5"], show_default=True, help="A resource that is no holder.")
@click.option(
    "--hop-budget", type=HopBudget(), default="3", show_default=True, help="Ordinary handoffs a report may make."
)
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many cases.")
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), help="Times real time. [default: as fast as it goes]"
)
@click.option("--workers", type=click.IntRange(1, 200), default=12, show_default=True, help="Cases played at once.")
@click.option(
    "--make-city", "folder", type=click.Path(path_type=Path), help="Only write the log's city to this folder."
)
@click.option("--tokens", "file", type=click.Path(path_type=Path), help="Tokens by office (JSON); the city is loaded.")
@click.option(
    "--summary", "summary_file", type=click.Path(path_type=Path), help="Also write the summary here, as JSON."
)
@reaching
def replay_command(
    client: Client, log: Path, nobody: tuple[str, ...], hop_budget: int | None, limit: int | None,
    speed: float | None, workers: int, folder: Path | None, file: Path | None, summary_file: Path | None,
) -> None:  # fmt: skip
    """Play the handoffs in LOG (CSV, may be gzipped: case, time, resource) through a running system.

    Every resource is an office, every case a report, every change of holder a handoff, requested and accepted; what the
    rules refuse, the coordinator assigns. It needs a system whose directory is the log's own city: a fresh one, into
    which it loads that city. Cut off, it goes on where it was; done again, it changes nothing.
    """
    played = handofflog.read(log, nobody, limit)
    whole = played if limit is None else handofflog.read(log, nobody)
    name = f"{log.name} ({'no hop budget' if hop_budget is None else f'hop budget {hop_budget}'})"
    if folder:
        replaycity.write(whole, folder, name, hop_budget)
        console.print(f"wrote {folder}; load it: estafet city load {folder}", markup=False)
        return
    office_tokens = tokenfile.read(file) if file else _prepare(from_environment(), whole, name, hop_budget)
    _wait_for_city(client, whole)
    summary = play(client.url, played, office_tokens, workers, speed)
    _report(summary, handofflog.expected(played, hop_budget), summary_file)


def play(url: str, log: HandoffLog, office_tokens: Mapping[str, str], workers: int, speed: float | None) -> Summary:
    """Play all cases, ``workers`` at once; the summary is what the system says in the end."""
    plays = [Play(case, log.key(case)) for case in log.cases]
    schedule = Schedule(plays, speed, workers * _AT_ONCE)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("replay", total=sum(len(each.case.holders) for each in plays))

        def work() -> None:
            with Client(url) as client:
                schedule.run(Player(client, office_tokens), lambda steps: progress.advance(task, steps))

        threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if schedule.failure:
        raise schedule.failure
    return _summary(plays)


def _prepare(settings: Settings, log: HandoffLog, name: str, hop_budget: int | None) -> dict[str, str]:
    """On the operator's side: the log's city is loaded, and every office has a token."""
    folder = settings.data / "replay" / log.digest[:12]
    city = folder / ("city-off" if hop_budget is None else f"city-{hop_budget}")
    replaycity.write(log, city, name, hop_budget)
    edition, ours = loaded_edition(settings), edition_of(check(city))
    if edition is None:
        console.print(f"loaded {load_city(settings, city)}", markup=False)
    elif edition != ours:
        raise Failure(
            "This system serves another city. A replay needs one of its own: start it with a fresh ESTAFET_DATA "
            "(estafet migrate, estafet serve), or with fresh databases."
        )
    return tokenfile.issue(settings, folder / "tokens.json", tokenfile.roles(replaycity.kinds(log)), "replay")


def _wait_for_city(client: Client, log: HandoffLog) -> None:
    """Until tickets has learned the directory that routing published."""

    def look() -> dict[str, str]:
        try:
            return {"status": "known", "code": client.office(log.offices[-1])["code"]}
        except Unreachable:
            raise
        except Problem:
            return {"status": "unknown"}

    what = f"office {log.offices[-1]} in the directory (estafet replay LOG --make-city DIR; estafet city load DIR)"
    wait(look, lambda each: each["status"] == "known", timeout=60, what=what)


def _summary(plays: list[Play]) -> Summary:
    found: list[tuple[Play, Outcome]] = [(each, each.outcome) for each in plays if each.outcome]
    return Summary(
        reports=len(found),
        handoffs=sum(outcome.ordinary + outcome.assigned for _, outcome in found),
        ordinary=sum(outcome.ordinary for _, outcome in found),
        assigned=sum(outcome.assigned for _, outcome in found),
        refused=sum(outcome.refused for _, outcome in found),
        refused_returns=sum(outcome.refused_returns for _, outcome in found),
        convened=sum(outcome.assigned > 0 for _, outcome in found),
        longest_chain=max((outcome.ordinary + outcome.assigned for _, outcome in found), default=0),
        last_holders=handofflog.last_holders({each.key: outcome.last_holder for each, outcome in found}),
    )


def _report(summary: Summary, expected: Summary, file: Path | None) -> None:
    wanted = asdict(expected)
    for name, value in asdict(summary).items():
        mark = "" if value == wanted[name] else f"   [red]the log says {wanted[name]}[/]"
        console.print(f"{name:<16}{value}{mark}")
    console.print("Every chain was verified.")
    if file:
        file.write_text(json.dumps({"system": asdict(summary), "log": wanted}, indent=1) + "\n")
    if summary != expected:
        raise Failure("The system's summary is not what the log and the rules come to.")
