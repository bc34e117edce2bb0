"""What a log comes to under the rules, against a plain simulation of the rules."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estafet.cli.failure import Failure
from estafet.cli.replay import handofflog

HEAD = "case,activity,time,resource\n"


def write(folder: Path, *rows: str, name: str = "log.csv") -> Path:
    path = folder / name
    text = HEAD + "".join(f"{row}\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def row(case: str, second: int, resource: str) -> str:
    return f"{case},0,2010-03-31 14:59:{second:02}+00:00,{resource}"


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_one_holder_after_the_other(tmp_path: Path, name: str) -> None:
    path = write(
        tmp_path, row("a", 1, "1"), row("a", 2, "1"), row("a", 3, "5"), row("a", 4, "1"), row("a", 5, "2"), name=name
    )
    log = handofflog.read(path, nobody=["5"])
    assert [case.holders for case in log.cases] == [("t1", "t2")]
    assert [each.second for each in log.cases[0].since] == [1, 5]


def test_a_case_without_a_holder_is_no_report(tmp_path: Path) -> None:
    log = handofflog.read(write(tmp_path, row("a", 1, "5"), row("b", 1, "1")), nobody=["5"])
    assert [case.name for case in log.cases] == ["b"]


def test_the_key_is_the_files_and_the_cases(tmp_path: Path) -> None:
    one = handofflog.read(write(tmp_path, row("a", 1, "1"), row("b", 1, "1")))
    other = handofflog.read(write(tmp_path, row("a", 1, "1"), row("b", 1, "2")))
    keys = {one.key(one.cases[0]), one.key(one.cases[1]), other.key(other.cases[0])}
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["a,0,yesterday,1"], "line 2: 'yesterday' is not a time"),
        (["a,0,2010-03-31 14:59:42,1"], "lacks its offset"),
        ([row("a", 1, "a team!")], "letters, digits, dots and dashes"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, rows: list[str], says: str) -> None:
    with pytest.raises(Failure, match=says):
        handofflog.read(write(tmp_path, *rows))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("case,time\na,2010-03-31 14:59:42+00:00\n")
    with pytest.raises(Failure, match="lacks the column resource"):
        handofflog.read(tmp_path / "log.csv")


def test_what_is_no_gzip_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.csv.gz").write_text("case,time,resource\n")
    with pytest.raises(Failure, match="Cannot read the log"):
        handofflog.read(tmp_path / "log.csv.gz")


offices = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=1, max_size=12).map(
    lambda each: [office for number, office in enumerate(each) if number == 0 or each[number - 1] != office]
)


@given(offices, st.none() | st.integers(0, 5))
def test_the_course_is_what_the_rules_do(holders: list[str], budget: int | None) -> None:
    seen: list[str] = []
    holder, hops, bound = holders[0], 0, False
    ordinary = assigned = refused = returns = 0
    for receiver in holders[1:]:
        if not bound:
            back = receiver in seen
            spent = budget is not None and hops == budget
            refused += back or spent
            returns += back
            bound = back or spent
        if bound:
            assigned += 1
        else:
            ordinary += 1
            hops += 1
        seen.append(holder)
        holder = receiver
    assert handofflog.course(holders, budget) == handofflog.Course(ordinary, assigned, refused, returns)


@given(offices)
def test_without_a_budget_only_returns_convene(holders: list[str]) -> None:
    course = handofflog.course(holders, None)
    assert (course.refused == 1) == (len(set(holders)) < len(holders))
