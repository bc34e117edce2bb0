import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.codes import ALPHABET, Mistyped, make, read

seeds = st.integers(0, 2**32).map(random.Random)
codes = seeds.map(lambda seeded: make("KDR", seeded.choice))
#: Where a code's seven symbols stand in ``KDR-7F3K-92Q``.
PLACES = (4, 5, 6, 7, 9, 10, 11)


@given(codes)
def test_a_code_reads_as_itself(code):
    assert read(code, "KDR") == code
    assert [code[3], code[8], len(code)] == ["-", "-", 12]


@given(codes, st.randoms(use_true_random=False))
def test_case_spaces_hyphens_and_the_prefix_do_not_matter(code, chance):
    bare = code.replace("-", "")
    bare = chance.choice((bare, bare.removeprefix("KDR")))
    loose = "".join(chance.choice((each, each.lower())) + chance.choice(("", " ", "-", " – ")) for each in bare)
    assert read(f" {loose}", "KDR") == code


def test_what_follows_the_prefix_never_looks_like_one():
    picks = iter("KDR111KDX222")
    code = make("KDR", lambda _: next(picks))
    assert read(code[4:], "KDR") == code
    assert not code.startswith("KDR-KDR")


@given(codes, st.sampled_from("ILil"))
def test_i_and_l_are_read_as_1(code, looks_like_1):
    assert read("KDR-" + code[4:].replace("1", looks_like_1), "KDR") == code


@given(codes)
def test_every_single_wrong_character_is_found(code):
    for place in PLACES:
        for other in ALPHABET:
            if other != code[place]:
                with pytest.raises(Mistyped):
                    read(code[:place] + other + code[place + 1 :], "KDR")


@given(codes)
def test_every_two_characters_that_changed_places_are_found(code):
    for one in PLACES:
        for other in PLACES:
            swapped = list(code)
            swapped[one], swapped[other] = code[other], code[one]
            if code[one] != code[other]:
                with pytest.raises(Mistyped):
                    read("".join(swapped), "KDR")


@given(codes, st.sampled_from("0OUÉ*/"), st.sampled_from(PLACES))
def test_characters_that_are_never_used_are_named(code, strange, place):
    with pytest.raises(Mistyped, match="never has"):
        read(code[:place] + strange + code[place + 1 :], "KDR")


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_mistyped(text):
    try:
        code = read(text, "KDR")
    except Mistyped:
        return
    assert read(code, "KDR") == code


@pytest.mark.parametrize("text", ["", "KDR", "KDR-7F3K", "KDR-7F3K-92QQ", "SBY-1111-111", "X" * 100_000])
def test_a_wrong_length_or_prefix_is_mistyped(text):
    with pytest.raises(Mistyped):
        read(text, "KDR")


def test_the_prefix_is_the_citys_own():
    seeded = random.Random(7)
    assert make("BLIL", seeded.choice).startswith("BLIL-")
    code = make("BLIL", seeded.choice)
    assert read(code.lower(), "BLIL") == code
