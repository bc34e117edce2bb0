"""What is sealed opens for its purpose and its owner, until its time is over, and for nothing else."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.tickets.signin.sealing import seal, unseal

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = datetime(2026, 3, 2, tzinfo=UTC)

values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@given(values.filter(lambda each: each is not None), st.text(alphabet="abcäé ", max_size=9))
def test_it_opens_as_it_was(value: object, whose: str) -> None:
    assert unseal(KEY, "a", whose, seal(KEY, "a", whose, value), NOW) == value


def test_it_opens_for_nothing_else() -> None:
    sealed = seal(KEY, "a", "ani", "secret", NOW + timedelta(minutes=10))
    assert unseal(KEY, "a", "ani", sealed, NOW) == "secret"
    assert unseal(OTHER, "a", "ani", sealed, NOW) is None
    assert unseal(KEY, "b", "ani", sealed, NOW) is None
    assert unseal(KEY, "a", "budi", sealed, NOW) is None
    assert unseal(KEY, "a", "ani", sealed, NOW + timedelta(minutes=10)) is None
    assert "secret" not in sealed
    assert sealed != seal(KEY, "a", "ani", "secret", NOW + timedelta(minutes=10))


@given(st.text(max_size=200))
def test_what_nobody_sealed_is_nothing(text: str) -> None:
    assert unseal(KEY, "a", "ani", text, NOW) is None


@given(st.integers(min_value=0, max_value=400), st.integers(min_value=1, max_value=63))
def test_a_changed_character_opens_nothing(at: int, by: int) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sealed = seal(KEY, "a", "ani", "a longer text, so that there is no padding")
    at %= len(sealed.rstrip("=")) - 1
    changed = letters[(letters.index(sealed[at]) + by) % 64]
    assert unseal(KEY, "a", "ani", sealed[:at] + changed + sealed[at + 1 :], NOW) is None
