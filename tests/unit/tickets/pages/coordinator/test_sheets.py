"""Tables to save: any CSV reader gets back what was put in, and no spreadsheet runs it."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.pages.coordinator import sheets
from services.tickets.statistics.flows import Flow
from services.tickets.statistics.overdue import Late

_texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


def read(text):
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.lists(_texts, min_size=2, max_size=5), max_size=10))
def test_what_is_read_is_what_was_written_but_for_formulas(rows):
    found = read(sheets.text(rows))
    assert len(found) == len(rows)
    for row, written in zip(found, rows, strict=True):
        for cell, value in zip(row, written, strict=True):
            assert cell == (f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value)


@pytest.mark.parametrize("cell", ["=1+1", "+62812", "-1+1", "@SUM(A1)", "\tx", "\r=1", '=HYPERLINK("x")'])
def test_a_cell_is_never_a_formula(cell):
    (row,) = read(sheets.text([(cell, "x")]))
    assert row[0] == f"'{cell}"


def test_lines_end_as_rfc_4180_says_and_quotes_are_doubled():
    assert sheets.text([("a", 'say "x"'), (1, None)]) == 'a,"say ""x"""\r\n1,\r\n'


def test_flows_and_what_is_late_as_rows():
    assert list(sheets.flows([Flow("a", "b", passed=3, stopped=1)])) == [
        ("sender", "receiver", "passed", "assigned", "waiting", "refused", "lapsed", "stopped", "withdrawn"),
        ("a", "b", 3, 0, 0, 0, 0, 1, 0),
    ]
    oldest = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert sheets.text(sheets.overdue([Late("a", 4, 2, oldest, 1.26), Late("b", 1, 0, None, 0)])) == (
        "office,held,overdue,oldest_due,median_days_late\r\na,4,2,2026-03-02T02:00:00+00:00,1.3\r\nb,1,0,,\r\n"
    )
