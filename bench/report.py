"""A run in print: the table, and a picture of every curve."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.results import Key, Results

OURS = "estafet"
#: What the name of a file does without.
_NO_NAME = re.compile(r"[^a-z0-9]+")


def show(results: Results, console: Console) -> None:
    """Medians with their spread, and how ours compares: its median by the other's."""
    console.print("  ".join(f"{name} {value}" for name, value in results.header.items()), soft_wrap=True)
    table = Table("measure", "", "contender", "median", "least", "most", "rounds", "ours / this")
    for key, found in sorted(results.figures.items(), key=lambda each: _order(results, each[0])):
        table.add_row(
            f"{key.measure}, {results.units[key.measure]}",
            key.where,
            key.contender,
            *(f"{value:.4g}" for value in (statistics.median(found), min(found), max(found))),
            str(len(found)),
            _ratio(results, key),
        )
    console.print(table)


def draw(results: Results, folder: Path) -> None:
    """One PNG for each measure that was taken at more than one point."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for measure, unit in results.units.items():
        keys = [key for key in results.figures if key.measure == measure]
        if len({key.where for key in keys}) < 2:
            continue
        figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
        for contender in dict.fromkeys(key.contender for key in keys):
            own = [key for key in keys if key.contender == contender]
            found = [results.figures[key] for key in own]
            middle = [statistics.median(each) for each in found]
            spread = [
                [at - min(each) for at, each in zip(middle, found, strict=True)],
                [max(each) - at for at, each in zip(middle, found, strict=True)],
            ]
            axes.errorbar([key.where for key in own], middle, yerr=spread, marker="o", capsize=3, label=contender)
        axes.set(ylabel=unit, title=measure, ylim=(0, None))
        axes.legend()
        figure.savefig(folder / f"{_NO_NAME.sub('-', measure)}.png", dpi=120)
        pyplot.close(figure)


def _order(results: Results, key: Key) -> tuple[int, int]:
    measures, keys = list(results.units), list(results.figures)
    return measures.index(key.measure), keys.index(key)


def _ratio(results: Results, key: Key) -> str:
    ours, this = results.median(key.measure, OURS, key.where), results.median(key.measure, key.contender, key.where)
    return f"{ours / this:.2f}" if ours and this and key.contender != OURS else ""
