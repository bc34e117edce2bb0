"""Codes of a telephone, held against another implementation's numbers and against the clock."""

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.signin.factor import STEP, link, new_secret, step_of

#: RFC 6238, appendix B: the secret of its test vectors, and the last six digits of its codes.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_the_numbers_of_the_standard(seconds: int, code: str) -> None:
    assert step_of(SECRET, code, at(seconds)) == seconds // STEP
    assert step_of(SECRET, f"{code[:3]} {code[3:]}", at(seconds)) == seconds // STEP


@given(st.integers(min_value=-10 * STEP, max_value=10 * STEP))
def test_a_clock_may_be_wrong_by_a_step_and_no_more(off: int) -> None:
    seconds = 1234567890
    steps = (seconds + off) // STEP - seconds // STEP
    found = step_of(SECRET, VECTORS[seconds], at(seconds + off))
    assert found == (seconds // STEP if abs(steps) <= 1 else None)


@given(st.text(max_size=12))
def test_no_text_that_is_not_the_code_is_one(text: str) -> None:
    now = at(1234567890)
    taken = step_of(SECRET, text, now) is not None
    assert not taken or len("".join(text.split())) == 6


def test_a_telephone_reads_what_the_picture_says() -> None:
    secret = new_secret()
    assert len(base64.b32decode(secret)) == 20
    read = pyotp.parse_uri(link(secret, "ani@kota.example"))
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (secret, "ani@kota.example", "Estafet")
    now = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=7)
    assert step_of(secret, read.at(now), now) is not None
