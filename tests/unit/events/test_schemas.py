"""The schemas themselves, under values that nobody should send."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from estafet.events import CONTRACTS, Contract
from estafet.events.intake import ReportSubmitted
from estafet.events.reasons import REASONS, reasons_for
from tests.contract.examples import EXAMPLES

_GOOD = {"category": "road", "text": "A hole."}

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(CONTRACTS), st.data())
def test_any_value_in_any_field_is_read_or_refused_with_the_fields_name(
    contract: Contract, data: st.DataObject
) -> None:
    schema = contract.schema()
    names = sorted(schema.fields)
    changed = data.draw(st.dictionaries(st.sampled_from(names), _values, min_size=1)) if names else {}
    errors = schema.validate({**EXAMPLES[contract.name], **changed})
    assert set(errors) <= set(changed)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", "road\n"),
        ("category", "ROAD"),
        ("category", "../road"),
        ("text", ""),
        ("text", "x" * 4001),
        ("text", None),
        ("place", "x" * 65),
        ("reference", "line\r\nbreak"),
        ("reference", ""),
        ("reference", "x" * 256),
        ("reporter", {"name": "Sri\r\nBcc: all@example.org"}),
        ("reporter", {"name": "x" * 121}),
        ("reporter", {"email": "sri@example.org\n"}),
        ("reporter", {"email": "no address"}),
        ("reporter", {"phone": "112; call"}),
        ("reporter", {"telegram": "12a"}),
        ("reporter", {"telegram": "--1"}),
        ("reporter", {"telegram": "1" * 21}),
        ("reporter", {"telegram": 123456789}),
        ("reporter", {"locale": "fr"}),
        ("reporter", "Sri"),
        ("consent", ["everything"]),
        ("consent", ["text"] * 5),
        ("named", ["office"] * 21),
        ("seen", ["office"] * 101),
        ("hops", -1),
        ("hops", 1001),
        ("hops", 1.5),
    ],
)
def test_a_report_is_refused_with_the_field_at_fault(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ReportSubmitted().load({**_GOOD, field: value})
    assert list(caught.value.normalized_messages()) == [field]


def test_the_least_a_report_needs() -> None:
    assert ReportSubmitted().load(_GOOD) == {
        **_GOOD,
        "place": None,
        "reporter": None,
        "consent": [],
        "named": [],
        "reference": None,
        "seen": [],
        "hops": 0,
    }


def test_every_act_has_a_reason_and_every_reason_both_languages() -> None:
    for act in ("first", "handoff", "refuse", "convene", "assign", "resolve", "pause"):
        assert reasons_for(act)
    for each in REASONS.values():
        assert each.id.endswith(".")
        assert each.en.endswith(".")
        assert each.acts


@pytest.mark.parametrize(("hops", "taken"), [(2, 2), (2.0, 2), (2.5, None), ("2", None), (True, None), (1e300, None)])
def test_a_whole_number_is_whole_however_it_is_written(hops: Any, taken: int | None) -> None:
    """JSON knows one kind of number: to it 2.0 is an integer."""
    report = {**_GOOD, "hops": hops}
    assert bool(ReportSubmitted().validate(report)) == (taken is None)
    if taken is not None:
        read = ReportSubmitted().load(report)["hops"]
        assert (read, type(read)) == (taken, int)
