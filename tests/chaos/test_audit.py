"""The audit of mail finds what was dropped for nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.chaos.audit.mail import dropped_for_nothing


def row(id: str, state: str, version: int | None, template: str = "handoff-accepted-reporter") -> SimpleNamespace:
    return SimpleNamespace(
        id=id, state=state, version=version, template=template, recipient="reporter", ticket="KDR-7F3K-92Q"
    )


def test_what_newer_news_took_the_place_of_is_in_order() -> None:
    assert list(dropped_for_nothing([row("old", "superseded", 2), row("new", "sent", 3)])) == []


@pytest.mark.parametrize(
    "others",
    [
        [],
        [row("new", "permanent-failure", 3)],
        [row("same", "sent", 2)],
        [row("aside", "sent", 3, "note-added-reporter")],
        [SimpleNamespace(**{**vars(row("elsewhere", "sent", 3)), "ticket": "KDR-0000-000"})],
        [SimpleNamespace(**{**vars(row("another", "sent", 3)), "recipient": "taman"})],
    ],
)
def test_what_was_dropped_with_nothing_newer_sent_is_found(others: list[SimpleNamespace]) -> None:
    assert len(list(dropped_for_nothing([row("old", "superseded", 2), *others]))) == 1


def test_what_no_later_message_repeats_must_not_be_dropped() -> None:
    note = row("note", "superseded", 2, "note-added-reporter")
    assert len(list(dropped_for_nothing([note, row("new", "sent", 3)]))) == 1
