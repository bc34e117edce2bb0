"""A text taken apart: nothing is lost, and nobody's words become a link."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.notify.wording.blocks import blocks
from services.notify.wording.plain import quoted

LINK = "https://lapor.example/t/TRT"


def test_each_kind() -> None:
    text = f"Satu\nDua\n\n- tiga\n- empat\n\nKata:\n> lima\n>\n> enam\n{LINK}"
    assert blocks(text, {LINK: "button"}) == [
        ("text", ["Satu", "Dua"]),
        ("list", ["tiga", "empat"]),
        ("text", ["Kata:"]),
        ("quote", ["lima", "", "enam"]),
        ("button", [LINK]),
    ]


def test_a_link_is_one_only_on_a_line_of_its_own() -> None:
    assert blocks(f"Lihat {LINK}", {LINK: "button"}) == [("text", [f"Lihat {LINK}"])]


@given(st.text())
def test_somebodys_words_are_never_a_link_or_ours(words: str) -> None:
    found = blocks(quoted(f"{words}\n{LINK}\nakhir"), {LINK: "button"})
    assert [kind for kind, _ in found] == ["quote"]
