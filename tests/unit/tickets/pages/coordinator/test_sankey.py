"""The picture of flows, for any flows: nothing overlaps or gets lost, and the same flows make the same picture."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.pages.coordinator.folding import Band, fold
from services.tickets.pages.coordinator.sankey import KINDS, Frame, layout
from services.tickets.statistics.flows import Flow

OFFICES = [f"o{number}" for number in range(80)]
COUNTS = ("passed", "assigned", "waiting", "refused", "lapsed", "stopped", "withdrawn")
FRAMES = (Frame(width=1060, margin=285, body=440, row=34), Frame(width=340, margin=0, body=340, row=34, bar=7))

counts = st.fixed_dictionaries({name: st.integers(0, 400) for name in COUNTS})
flows = st.dictionaries(st.tuples(st.sampled_from(OFFICES), st.sampled_from(OFFICES)), counts, max_size=120).map(
    lambda found: [Flow(*pair, **sums) for pair, sums in found.items()]
)


@given(flows, st.integers(2, 20))
def test_folding_loses_nothing_and_keeps_the_greatest(found, most):
    bands = fold(found, most)
    assert sum(each.total for each in bands) == sum(each.total for each in found)
    assert sum(each.turned for each in bands) == sum(each.turned for each in found)
    for side in ("sender", "receiver"):
        drawn = {getattr(each, side) for each in bands}
        assert len(drawn) <= most
        sums = {office: sum(each.total for each in found if getattr(each, side) == office) for office in OFFICES}
        kept = [sums[office] for office in drawn if office is not None]
        folded = [count for office, count in sums.items() if office not in drawn]
        assert not kept or max(folded, default=0) <= min(kept)


@given(flows, st.sampled_from(FRAMES))
def test_nothing_overlaps_and_everything_is_inside(found, frame):
    picture = layout(fold(found, 11), frame)
    for column in (picture.senders, picture.receivers):
        for above, below in itertools.pairwise(column):
            assert above.middle + above.row / 2 <= below.middle - below.row / 2
            assert above.y + above.height <= below.y + 1e-6
        for each in column:
            assert each.row >= frame.row
            assert each.y >= -1e-6
            assert each.y + each.height <= picture.height + 1e-6
            assert 0 <= each.turned <= each.height + 1e-6
            assert 0 <= each.x <= picture.width - frame.bar


@given(flows, st.sampled_from(FRAMES))
def test_bands_fill_the_bars_at_both_ends_without_gap_or_overlap(found, frame):
    picture = layout(fold(found, 11), frame)
    for side, end, column in (("sender", "left", picture.senders), ("receiver", "right", picture.receivers)):
        for node in column:
            ends = sorted(
                (getattr(each, end), each.thickness)
                for each in picture.ribbons
                if getattr(each.band, side) == node.office
            )
            at = node.y
            for top, thickness in ends:
                assert top == pytest.approx(at)
                at += thickness
            assert at == pytest.approx(node.y + node.height)


@given(flows, st.integers())
def test_the_order_in_which_flows_come_does_not_matter(found, seed):
    shuffled = random.Random(seed).sample(found, len(found))
    assert layout(fold(found, 8), FRAMES[0]) == layout(fold(shuffled, 8), FRAMES[0])


def test_widths_are_true_to_scale_and_the_greatest_is_on_top():
    bands = [Band("a", "b", went=30, open=0, turned=10), Band(None, "b", 5, 5, 0), Band("c", "b", 50, 0, 0)]
    picture = layout(bands, FRAMES[0])
    assert [each.office for each in picture.senders] == ["c", "a", None]
    assert [each.count for each in picture.senders] == [50, 40, 10]
    assert [each.height for each in picture.senders] == pytest.approx([220, 176, 44])
    (red,) = [each for each in picture.ribbons if each.kind == "turned"]
    assert red.thickness == pytest.approx(44)
    assert {each.kind for each in picture.ribbons} == set(KINDS)
    assert picture.senders[1].turned == pytest.approx(44)


def test_no_flows_make_an_empty_picture():
    picture = layout([], FRAMES[0])
    assert (picture.senders, picture.receivers, picture.ribbons, picture.height) == ((), (), (), 0.0)
