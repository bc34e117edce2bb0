"""The index of public satisfaction: the regulation's own examples, and what holds whatever people answer."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.rating.ikm import GRADES, LEAST, Answers, grade, ikm
from services.tickets.rating.survey import ELEMENTS, SCORES

scores = st.lists(st.sampled_from(SCORES), min_size=LEAST, max_size=40)
towns = st.fixed_dictionaries({each: scores for each in ELEMENTS})


def answers(town):
    return {each: Answers(len(given), sum(given)) for each, given in town.items()}


def index(town):
    return ikm(LEAST, answers(town)).index


@pytest.mark.parametrize(
    ("score", "expected", "letter"), [(1, "25.00", "D"), (2, "50.00", "D"), (3, "75.00", "C"), (4, "100.00", "A")]
)
def test_all_alike(score, expected, letter):
    found = ikm(9, {each: Answers(LEAST, LEAST * score) for each in ELEMENTS})
    assert (found.index, found.grade) == (Decimal(expected), letter)
    assert set(found.means.values()) == {Decimal(score)}


@pytest.mark.parametrize(
    ("value", "letter"),
    [
        ("25.00", "D"),
        ("64.99", "D"),
        ("65.00", "C"),
        ("76.60", "C"),
        ("76.61", "B"),
        ("88.30", "B"),
        ("88.31", "A"),
        ("100.00", "A"),
    ],
)
def test_the_regulations_table_of_grades(value, letter):
    assert grade(Decimal(value)) == letter


def test_half_a_cent_is_rounded_up():
    """Eight means of 3 and one of 3.03: 25 × 27.03 / 9 = 75.0833…; of 3.009: 75.025, which is 75.03."""
    town = {each: Answers(1000, 3000) for each in ELEMENTS}
    assert ikm(9, town | {"time": Answers(1000, 3030)}).index == Decimal("75.08")
    assert ikm(9, town | {"time": Answers(1000, 3009)}).index == Decimal("75.03")


@given(towns)
def test_the_index_lies_between_its_ends_and_has_a_grade(town):
    found = index(town)
    assert Decimal(25) <= found <= Decimal(100)
    assert grade(found) in dict(GRADES)


@given(towns, st.sampled_from(ELEMENTS))
def test_a_better_answer_is_never_held_against_anybody(town, element):
    better = {**town, element: [min(each + 1, 4) for each in town[element]]}
    assert index(better) >= index(town)


@given(towns, st.permutations(ELEMENTS))
def test_all_elements_weigh_the_same(town, order):
    assert index(dict(zip(order, town.values(), strict=True))) == index(town)


@given(towns, towns)
def test_two_towns_together_are_not_better_than_the_better_one(one, other):
    """Element by element; of the index it is not true: towns may differ in how often each question was skipped."""
    both = ikm(LEAST, {each: answers(one)[each] + answers(other)[each] for each in ELEMENTS}).means
    means = [ikm(LEAST, answers(each)).means for each in (one, other)]
    assert all(min(m[each] for m in means) <= both[each] <= max(m[each] for m in means) for each in ELEMENTS)


@given(towns, st.sampled_from(ELEMENTS), st.integers(0, LEAST - 1))
def test_of_too_few_answers_nothing_is_shown(town, element, count):
    found = ikm(LEAST, answers(town) | {element: Answers(count, count * 4)})
    assert (found.means[element], found.index, found.grade) == (None, None, None)
    assert all(found.means[each] is not None for each in ELEMENTS if each != element)


@given(st.integers(0, LEAST - 1))
def test_of_too_few_ratings_not_even_their_number_is_shown(count):
    found = ikm(count, {each: Answers(count, count) for each in ELEMENTS})
    assert (found.ratings, found.index) == (None, None)
    assert set(found.means.values()) == {None}
