"""The code of a report: short, unambiguous, and able to tell that it was mistyped.

``KDR-7F3K-92Q``: the city's prefix, six random characters and a check character. The alphabet has no O, I, L or U. Its
31 characters are a prime number, so that a weighted sum modulo 31 finds every single wrong character and every two
that changed places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM = 6
_FIRST_GROUP = 4
_READ_AS = str.maketrans({"I": "1", "L": "1"})
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015]+")


class Mistyped(ValueError):
    """No code of this city can look like that. Its text says what to check.

    Attributes:
        fault: ``length``, ``strange`` or ``check``, for who says it in other words.
        characters: those that no code has.
    """

    def __init__(self, fault: str, sentence: str, characters: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.fault = fault
        self.characters = tuple(characters)


def make(prefix: str, choose: Callable[[Sequence[str]], str]) -> str:
    """A new code. ``choose`` picks one of a sequence: ``secrets.choice``, or a seeded one in a test."""
    random = prefix
    while random.startswith(prefix):  # else what follows the prefix could be taken for a prefix
        random = "".join(choose(ALPHABET) for _ in range(_RANDOM))
    return _written(prefix, random + _check(random))


def read(text: str, prefix: str) -> str:
    """The code a person meant: any case, spaces or missing hyphens, I and L read as 1, the prefix left out.

    Raises:
        Mistyped: a wrong length, a character that is never used, or a check character that does not fit.
    """
    symbols = _BETWEEN.sub("", text).upper().removeprefix(prefix).translate(_READ_AS)
    if len(symbols) != _RANDOM + 1:
        raise Mistyped("length", f"A code has {_RANDOM + 1} characters after {prefix}, like {prefix}-7F3K-92Q.")
    strange = sorted({each for each in symbols if each not in ALPHABET})
    if strange:
        sentence = f"A code never has {' or '.join(strange)} after {prefix}. Look at it again."
        raise Mistyped("strange", sentence, strange)
    if _check(symbols[:_RANDOM]) != symbols[_RANDOM]:
        sentence = "One or two characters are wrong: the check character does not fit. Look at the code again."
        raise Mistyped("check", sentence)
    return _written(prefix, symbols)


def _check(random: str) -> str:
    """The character that brings the sum of position times value, its own included with weight 1, to 0 modulo 31."""
    total = sum(weight * ALPHABET.index(symbol) for weight, symbol in enumerate(random, start=2))
    return ALPHABET[-total % len(ALPHABET)]


def _written(prefix: str, symbols: str) -> str:
    return f"{prefix}-{symbols[:_FIRST_GROUP]}-{symbols[_FIRST_GROUP:]}"
