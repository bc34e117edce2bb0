"""The line of the relay: the holder is always on it, and nobody twice."""

from __future__ import annotations

from typing import Any

import pytest

from services.notify.messages import CONFIDENTIAL, DIGEST
from services.notify.wording import specimens
from services.notify.wording.line import Step, line

HELD = {"holder": "mill", "status": "held", "resolve_by": "2026-11-30T09:00:00+00:00"}
MILL = Step("holder", "mill", by="resolve", due=HELD["resolve_by"])


@pytest.mark.parametrize(
    ("template", "facts", "expected"),
    [
        ("note-added-office", {"author": None}, [MILL]),
        ("note-added-office", {"status": "resolved", "author": None}, [Step("holder", "mill")]),
        ("ticket-closed-reporter", {"status": "closed"}, [Step("last", "mill")]),
        ("ticket-opened-reporter", {"resolve_by": None}, [Step("holder", "mill", by="unknown")]),
        (
            "handoff-offered-reporter",
            {"receiver": "lake", "accept_by": "soon"},
            [MILL, Step("asked", "lake", by="asked", due="soon")],
        ),
        (
            "handoff-refused-reporter",
            {"office": "lake", "reason": "other-place", "right_office": "roads"},
            [Step("refused", "lake", reason="other-place"), MILL, Step("named", "roads")],
        ),
        ("handoff-refused-sender", {"office": "mill", "reason": "other-place", "right_office": None}, [MILL]),
        ("handoff-lapsed-sender", {"receiver": "lake"}, [Step("silent", "lake"), MILL]),
        ("ticket-convened-holder", {"status": "convened", "coordinator": "north"}, [MILL, Step("decides", "north")]),
        ("ticket-convened-holder", {"status": "convened", "coordinator": "mill"}, [MILL]),
        ("referral-opened-reporter", {"agency": "regulator"}, [MILL, Step("agency", "regulator")]),
        ("confidential-office", {"holder": None}, []),
        ("referral-packaged-agency", {"holder": None}, []),
    ],
)
def test_who_is_on_the_line(template: str, facts: dict[str, Any], expected: list[Step]) -> None:
    assert line(template, HELD | facts) == expected


def test_the_holder_is_on_every_line_and_nobody_twice() -> None:
    for each in specimens.specimens():
        steps = line(each.template, each.facts)
        offices = [step.office for step in steps]
        assert len(offices) == len(set(offices))
        if each.audience != "agency" and each.template not in (CONFIDENTIAL, DIGEST):
            assert sum(step.part in ("holder", "last") for step in steps) == 1
