"""Flows drawn as a Sankey diagram: senders on the left, receivers on the right, bands as wide as what goes along them.

Pure: bands in, shapes out, in the units of the picture. Widths are true to scale on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.tickets.pages.coordinator.folding import Band

#: What a band is made of, from the top.
KINDS = ("went", "open", "turned")


@dataclass(frozen=True, slots=True)
class Frame:
    """Sizes of a picture.

    Attributes:
        margin: room for names on either side.
        body: the height of all bands together.
        row: the least height of a node's row, for its name.
    """

    width: float
    margin: float
    body: float
    row: float
    bar: float = 10
    gap: float = 8


@dataclass(frozen=True, slots=True)
class Node:
    """An office on one side; None: all the others.

    Attributes:
        y, height: its bar's. ``turned`` at the bar's end is what came to nothing.
        middle: where its name stands.
    """

    office: str | None
    x: float
    y: float
    height: float
    turned: float
    middle: float
    row: float
    count: int
    count_turned: int


@dataclass(frozen=True, slots=True)
class Ribbon:
    """One kind of one band: its upper edges on the left and right, and how thick it is."""

    band: Band
    kind: str
    left: float
    right: float
    thickness: float
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Attributes:
    inside: the names stand on the bands, for want of a margin.
    """

    width: float
    height: float
    bar: float
    inside: bool
    senders: tuple[Node, ...]
    receivers: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def layout(bands: Iterable[Band], frame: Frame) -> Picture:
    """The picture of some flows. The same flows make the same picture, in whichever order they come."""
    known = sorted((each for each in bands if each.total), key=_key)
    scale = frame.body / max(sum(each.total for each in known), 1)
    ends = (frame.margin, frame.width - frame.margin - frame.bar)
    senders = _column(known, "sender", scale, ends[0], frame)
    receivers = _column(known, "receiver", scale, ends[1], frame)
    height = max((_bottom(column, frame) for column in (senders, receivers)), default=0.0)
    ribbons = _ribbons(known, senders, receivers, scale, (ends[0] + frame.bar, ends[1]))
    return Picture(frame.width, height, frame.bar, not frame.margin, senders, receivers, ribbons)


def _column(bands: list[Band], side: str, scale: float, x: float, frame: Frame) -> tuple[Node, ...]:
    """The nodes of one side from the top: the greatest first, the others last."""
    sums: dict[str | None, list[int]] = {}
    for each in bands:
        counts = sums.setdefault(getattr(each, side), [0, 0])
        counts[0] += each.total
        counts[1] += each.turned
    top, nodes = 0.0, []
    for office, (count, turned) in sorted(sums.items(), key=lambda each: (each[0] is None, -each[1][0], each[0] or "")):
        height = count * scale
        row = max(height, frame.row)
        y = top + (row - height) / 2
        nodes.append(Node(office, x, y, height, turned * scale, top + row / 2, row, count, turned))
        top += row + frame.gap
    return tuple(nodes)


def _bottom(column: tuple[Node, ...], frame: Frame) -> float:
    return sum(each.row for each in column) + frame.gap * max(len(column) - 1, 0)


def _ribbons(
    bands: list[Band], senders: tuple[Node, ...], receivers: tuple[Node, ...], scale: float, ends: tuple[float, float]
) -> tuple[Ribbon, ...]:
    """What went lies above what came to nothing, at either end, so that the red is together."""
    order = {
        "left": {each.office: at for at, each in enumerate(senders)},
        "right": {each.office: at for at, each in enumerate(receivers)},
    }
    parts = [(kind, each) for kind in KINDS for each in bands if getattr(each, kind)]
    kind_at = {kind: at for at, kind in enumerate(KINDS)}
    by_left = sorted(parts, key=lambda part: (kind_at[part[0]], order["right"][part[1].receiver]))
    by_right = sorted(parts, key=lambda part: (kind_at[part[0]], order["left"][part[1].sender]))
    tops_left = _stacked(by_left, "sender", senders, scale)
    tops_right = _stacked(by_right, "receiver", receivers, scale)
    made = []
    for kind, each in parts:
        key = (kind, each.sender, each.receiver)
        thickness = getattr(each, kind) * scale
        path = _path(*ends, tops_left[key], tops_right[key], thickness)
        made.append(Ribbon(each, kind, tops_left[key], tops_right[key], thickness, path))
    return tuple(made)


def _stacked(
    parts: list[tuple[str, Band]], side: str, nodes: tuple[Node, ...], scale: float
) -> dict[tuple[str, str | None, str | None], float]:
    """The upper edge of each part in its node's bar, one under the other."""
    free = {each.office: each.y for each in nodes}
    tops = {}
    for kind, each in parts:
        office = getattr(each, side)
        tops[kind, each.sender, each.receiver] = free[office]
        free[office] += getattr(each, kind) * scale
    return tops


def _path(x0: float, x1: float, y0: float, y1: float, thickness: float) -> str:
    middle = (x0 + x1) / 2
    there = f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    low0, low1 = y0 + thickness, y1 + thickness
    return f"{there}V{low1:.1f}C{middle:.1f} {low1:.1f} {middle:.1f} {low0:.1f} {x0:.1f} {low0:.1f}Z"


def _key(band: Band) -> tuple[int, str, str]:
    return -band.total, band.sender or "", band.receiver or ""
