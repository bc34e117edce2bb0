"""Tokens of links: each opens one thing of one reader."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notify import tokens


@given(st.binary(min_size=1), st.text(), st.text())
def test_a_token_is_its_reports_alone(key: bytes, ticket: str, other: str) -> None:
    token = tokens.sign(key, ticket)
    assert tokens.reader_of(key, token) == ticket
    assert tokens.reader_of(key + b"x", token) is None
    assert tokens.reader_of(key, other) is None
    signature = token.rpartition(".")[2]
    assert (tokens.reader_of(key, f"{other}.{signature}") == other) == (other == ticket)


def test_there_is_a_link_where_people_reach_us_by_https_and_nowhere_else() -> None:
    link = tokens.address("https://lapor.example", b"k", "T R")
    assert link is not None
    assert link.startswith("https://lapor.example/preferences/T%20R.")
    assert link.endswith("/page")
    assert tokens.address("http://127.0.0.1:8000", b"k", "T") is None
