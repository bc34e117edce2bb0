"""Which passwords are taken: long ones, with something in them that is not the name, a common word or a row of keys."""

from __future__ import annotations

import re
import secrets

#: Characters; longer is safer than stranger (NIST SP 800-63B).
SHORTEST, LONGEST = 10, 200
#: So many different characters must be left.
_LEAST = 5
_COMMON = (
    "password", "passw0rd", "katasandi", "kata sandi", "rahasia", "sandi", "masuk", "admin", "administrator", "petugas",
    "estafet", "laporan", "lapor", "kediri", "indonesia", "merdeka", "bismillah", "alhamdulillah", "selamat", "sayang",
    "cinta", "ganteng", "cantik", "welcome", "letmein", "iloveyou", "dragon", "monkey", "football", "sunshine",
)  # fmt: skip
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1q2w3e4r5t6y7u8i9o0p")
#: Without characters that look alike.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Weak(ValueError):
    """A password that is not taken.

    Attributes:
        reason: ``length``, or ``common``.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def check(password: str, name: str) -> None:
    """Go on only with a password that is hard to guess.

    Raises:
        Weak: it is not.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Weak("length", f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(_rest(password.lower(), name))) < _LEAST:
        raise Weak("common", "the password is the name, a common word, or one key after another; take some words")


def made() -> str:
    """A password for one sign-in, such as ``k7wn-x2mq-9dhr-p4cv``: 78 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _rest(password: str, name: str) -> str:
    """What is left without words that everybody tries, and without rows of keys."""
    words = [each for each in (name, *re.split(r"[^a-z0-9]+", name)) if len(each) > 2]
    for word in sorted((*words, *_COMMON), key=len, reverse=True):
        password = password.replace(word, "")
    for row in (*_ROWS, *(each[::-1] for each in _ROWS)):
        for length in range(len(row), 2, -1):
            for start in range(len(row) - length + 1):
                password = password.replace(row[start : start + length], "")
    return password
