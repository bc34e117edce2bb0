import hashlib
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from estafet.events import instant
from services.tickets.chain import GENESIS, Entry, Head, append, head_of, seal, verify

TIME = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def chain_of(bodies: list[str], causes: bool = True) -> list[Entry]:
    entries: list[Entry] = []
    for number, body in enumerate(bodies):
        entry = append(
            head_of(entries[-1] if entries else None),
            code="CTH-7F3K-92Q",
            id=f"m{number}",
            name="note.added",
            publisher="/estafet/tickets",
            time=TIME,
            causationid=f"m{number - 1}" if causes and number else None,
            correlationid="m0",
            superseded=bool(number % 2),
            body=body,
        )
        entries.append(entry)
    return entries


chains = st.lists(texts, min_size=1, max_size=6).map(chain_of)


@given(chains)
def test_a_chain_as_written_is_whole(entries):
    assert verify(entries) is None
    assert verify(entries, head_of(entries[-1])) is None
    assert entries[0].previous == GENESIS


def test_no_entries_are_a_whole_chain_unless_a_head_says_otherwise():
    assert verify([]) is None
    assert verify([], Head()) is None
    assert verify([], Head(3, "ab" * 32)) == 1


def other(value):
    """The same kind of value, changed by as little as possible."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value is None:
        return ""
    return value[:-1] + chr(ord(value[-1]) ^ 1) if value else " "


@given(chains, st.data())
def test_any_change_in_any_column_of_any_entry_is_found_where_it_is(entries, data):
    for index, entry in enumerate(entries):
        for field in fields(Entry):
            changed = replace(entry, **{field.name: other(getattr(entry, field.name))})
            tampered = [*entries[:index], changed, *entries[index + 1 :]]
            assert verify(tampered) == index + 1, field.name


@given(chains)
def test_a_cause_that_vanished_is_found(entries):
    for index, entry in enumerate(entries):
        if entry.causationid is not None:
            assert verify([*entries[:index], replace(entry, causationid=None), *entries[index + 1 :]]) == index + 1


@given(chains)
def test_an_entry_sealed_anew_breaks_the_next_and_at_the_end_the_head(entries):
    for index, entry in enumerate(entries):
        forged = replace(entry, body=entry.body + "!", hash="")
        forged = replace(forged, hash=seal(forged))
        tampered = [*entries[:index], forged, *entries[index + 1 :]]
        assert verify(tampered, head_of(entries[-1])) == min(index + 2, len(entries))


@given(chains)
def test_entries_removed_doubled_or_out_of_order_are_found(entries):
    head = head_of(entries[-1])
    for index in range(len(entries)):
        assert verify([*entries[:index], *entries[index + 1 :]], head) == index + 1
        assert verify([*entries[: index + 1], *entries[index:]], head) == index + 2
    if len(entries) > 1:
        assert verify(list(reversed(entries)), head) == 1


@given(chains)
def test_a_head_set_back_is_found(entries):
    assert verify(entries, head_of(entries[-2] if len(entries) > 1 else None)) == len(entries)


@given(texts, texts)
def test_what_moves_from_one_column_to_the_next_is_found(left, right):
    entry = chain_of(["{}"])[0]
    one = replace(entry, id=left + "x", name=right)
    two = replace(entry, id=left, name="x" + right)
    assert seal(one) != seal(two)


def test_times_are_kept_in_utc_to_the_microsecond():
    jakarta = timezone(timedelta(hours=7))
    assert instant(TIME.astimezone(jakarta)) == "2026-03-02T02:00:00.123456Z"
    assert instant(TIME.replace(microsecond=0)) == "2026-03-02T02:00:00.000000Z"


@given(texts, texts, texts | st.none(), st.integers(1, 2**53 - 1), st.booleans())
def test_the_seal_is_over_what_others_call_canonical(body, id, causation, position, superseded):
    given = {"body": body, "id": id, "causationid": causation, "position": position, "superseded": superseded}
    entry = replace(chain_of(["{}"])[0], **given)
    content = {name: value for name, value in asdict(entry).items() if name != "hash"}
    assert seal(entry) == hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def test_the_seal_is_sha256_over_canonical_json():
    """Known by hand: keys sorted, no spaces, the hash left out (RFC 8785)."""
    entry = chain_of(['{"a":1}'])[0]
    canonical = (
        '{"body":"{\\"a\\":1}","causationid":null,"code":"CTH-7F3K-92Q","correlationid":"m0","id":"m0",'
        '"name":"note.added","position":1,"previous":"' + "0" * 64 + '","publisher":"/estafet/tickets",'
        '"superseded":false,"time":"2026-03-02T02:00:00.123456Z"}'
    )
    assert entry.hash == hashlib.sha256(canonical.encode()).hexdigest()


def test_a_text_that_utf8_cannot_hold_is_refused_at_once():
    with pytest.raises(TypeError, match=r"(?i)utf-8|surrogate"):
        chain_of(["\ud800"])
