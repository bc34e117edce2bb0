from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from estafet.relay.consumer import BYTES, _batches
from estafet.relay.transport import KEPT, Incoming, cut


@given(st.lists(st.integers(0, 300_000), max_size=40))
def test_a_transaction_holds_little_more_than_its_bytes_and_nothing_is_left_out(sizes: list[int]) -> None:
    messages = [Incoming(tag, "queue", bytes(size)) for tag, size in enumerate(sizes)]
    batches = list(_batches(messages))
    assert [each for batch in batches for each in batch] == messages
    assert all(sum(len(each.body) for each in batch[:-1]) < BYTES for batch in batches)
    assert all(batches)


def test_what_is_too_large_is_cut_as_it_arrives() -> None:
    assert cut(bytes(262_144)) == (bytes(262_144), None)
    assert cut(bytes(20_000_000)) == (bytes(KEPT), 20_000_000)
