"""Which passwords are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.signin.passwords import LONGEST, SHORTEST, Weak, check, made

NAME = "budi.santoso"


@pytest.mark.parametrize("password", ["pendek", "x" * 9, "ab" * 101, ""])
def test_too_short_or_too_long(password: str) -> None:
    with pytest.raises(Weak, match="10 to 200") as caught:
        check(password, NAME)
    assert caught.value.reason == "length"


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abababababab",
        "password1234",
        "Password2024!",
        "indonesia1945",
        "katasandi123",
        "qwertyuiop123",
        "0987654321",
        "budi.santoso!",
        "BudiSantoso12",
        "kediri-kediri",
    ],
)
def test_what_everybody_tries_first(password: str) -> None:
    with pytest.raises(Weak) as caught:
        check(password, NAME)
    assert caught.value.reason == "common"


@pytest.mark.parametrize(
    "password", ["cukup panjang juga", "kuda hijau di atap", "7b1kWq-pz", "sepeda kakek 1978", "correct horse"]
)
def test_a_few_words_will_do(password: str) -> None:
    check(password.ljust(SHORTEST, "x"), NAME)


def test_what_is_made_for_a_first_sign_in_is_taken_and_never_the_same() -> None:
    passwords = {made() for _ in range(200)}
    assert len(passwords) == 200
    for each in passwords:
        check(each, NAME)


@given(st.text(max_size=LONGEST + 20), st.from_regex(r"[a-z0-9][a-z0-9._@+-]{1,63}", fullmatch=True))
def test_any_text_is_taken_or_refused_with_a_reason(password: str, name: str) -> None:
    try:
        check(password, name)
        reason = None
    except Weak as weak:
        reason = weak.reason
    assert reason in (None, "length", "common")
    if reason is None:
        assert SHORTEST <= len(password) <= LONGEST
        assert name != password.lower()
