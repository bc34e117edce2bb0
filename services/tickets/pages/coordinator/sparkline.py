"""A small line of how a number went. Pure: numbers in, points out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Attributes:
    points: of the line, as SVG takes them.
    area: the same, closed at the bottom.
    end: the last point.
    """

    width: float
    height: float
    points: str
    area: str
    end: tuple[float, float]


def line(values: Sequence[int], width: float = 240, height: float = 56, edge: float = 5) -> Line:
    """From left to right as wide as the picture; zero is at its bottom, the greatest value at its top.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("a line needs at least one value")
    most = max(*values, 1)
    step = (width - 2 * edge) / max(len(values) - 1, 1)
    points = [(edge + at * step, edge + (height - 2 * edge) * (1 - value / most)) for at, value in enumerate(values)]
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    low = height - edge
    area = f"{points[0][0]:.1f},{low:.1f} {drawn} {points[-1][0]:.1f},{low:.1f}"
    return Line(width, height, drawn, area, points[-1])
