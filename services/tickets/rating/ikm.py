"""The index of public satisfaction (IKM) as PermenPANRB 14/2017 has it: the mean of each of its nine elements, each
weighted by a ninth, times 25; and the grade of service that it comes to.

A skipped question is no answer: an element's mean is over the answers it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from services.tickets.rating.survey import ELEMENTS

#: Below so many answers nothing is shown of an element, or of all, so that nobody is recognised by theirs.
LEAST = 5
#: The lowest index of each grade, from the best.
GRADES = (("A", Decimal("88.31")), ("B", Decimal("76.61")), ("C", Decimal("65.00")), ("D", Decimal("25.00")))

_WORTH = 25
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered to one element: how often, and the scores together."""

    count: int = 0
    total: int = 0

    @property
    def mean(self) -> Fraction | None:
        return Fraction(self.total, self.count) if self.count else None

    def __add__(self, other: Answers) -> Answers:
        return Answers(self.count + other.count, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Ikm:
    """What may be shown.

    Attributes:
        ratings: how many rated at all; None: fewer than :data:`LEAST`.
        means: of each element, to two decimals; None: too few answered it.
        index: 25 to 100, to two decimals; None: too few answered one of the nine.
        grade: ``A`` (very good) to ``D`` (not good).
    """

    ratings: int | None
    means: Mapping[str, Decimal | None]
    index: Decimal | None
    grade: str | None


def ikm(ratings: int, answers: Mapping[str, Answers]) -> Ikm:
    """The index of so many ratings, by the answers to each element."""
    means = [shown(answers.get(each, Answers())) for each in ELEMENTS]
    index = index_of(means)
    return Ikm(
        ratings=ratings if ratings >= LEAST else None,
        means={each: None if mean is None else _rounded(mean) for each, mean in zip(ELEMENTS, means, strict=True)},
        index=index,
        grade=None if index is None else grade(index),
    )


def shown(answers: Answers) -> Fraction | None:
    """An element's mean, if enough answered it."""
    return answers.mean if answers.count >= LEAST else None


def index_of(means: Sequence[Fraction | None]) -> Decimal | None:
    """The index of the nine means; None while one is missing: with fewer it would not be the regulation's."""
    known = [each for each in means if each is not None]
    if len(known) < len(ELEMENTS):
        return None
    return _rounded(sum(known, Fraction(0)) / len(ELEMENTS) * _WORTH)


def grade(index: Decimal) -> str:
    """Of an index to two decimals, as the regulation's table has it.

    Raises:
        ValueError: it is less than any index can be.
    """
    for name, least in GRADES:
        if index >= least:
            return name
    raise ValueError(f"no index is {index}")


def _rounded(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_CENT, ROUND_HALF_UP)
