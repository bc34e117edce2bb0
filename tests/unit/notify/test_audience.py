"""Who is told of what: a table to read, and properties that hold for every event there can be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estafet.events import CONTRACTS
from services.notify.audience import TOLD, agency_message, audience
from services.notify.directory import from_event
from services.notify.messages import CONFIDENTIAL, DIGEST, Message
from services.notify.wording.phrasebook import packaged
from services.notify.wording.vocabulary import LOCALES
from tests.unit.notify import samples

ALL_TOLD = sorted(TOLD)


def told(name: str, standing: dict[str, Any] | None = None, **given: Any) -> dict[str, str]:
    """Recipient → template."""
    standing = samples.ticket(**(standing or {}))
    data = samples.data(name, ticket=standing, **given)
    return {each.recipient: each.template for each in audience(name, data, standing, samples.directory())}


TABLE: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("ticket.opened", {"holder": "desk"}, {}, {"reporter": "ticket-opened-reporter"}),
    (
        "handoff.offered",
        {"holder": "desk", "status": "offered"},
        {"sender": "desk"},
        {"lake": "handoff-offered-receiver", "reporter": "handoff-offered-reporter"},
    ),
    (
        "handoff.accepted",
        {"holder": "lake"},
        {},
        {"reporter": "handoff-accepted-reporter", "mill": "handoff-accepted-sender"},
    ),
    ("handoff.accepted", {"holder": "lake"}, {"sender": "desk"}, {"reporter": "handoff-accepted-reporter"}),
    ("handoff.refused", {}, {}, {"mill": "handoff-refused-sender", "reporter": "handoff-refused-reporter"}),
    ("handoff.refused", {"holder": "desk"}, {"sender": "desk"}, {"reporter": "handoff-refused-reporter"}),
    ("handoff.withdrawn", {}, {}, {"lake": "handoff-withdrawn-receiver"}),
    ("handoff.withdrawn", {}, {"receiver": None}, {}),
    ("handoff.lapsed", {}, {}, {"lake": "handoff-lapsed-receiver", "mill": "handoff-lapsed-sender"}),
    (
        "ticket.convened",
        {"status": "convened", "coordinator": "north"},
        {},
        {
            "north": "ticket-convened-coordinator",
            "mill": "ticket-convened-holder",
            "reporter": "ticket-convened-reporter",
        },
    ),
    # One office in two roles is told once, of the weightier one.
    (
        "ticket.convened",
        {"status": "convened", "coordinator": "north", "holder": "north"},
        {},
        {"north": "ticket-convened-coordinator", "reporter": "ticket-convened-reporter"},
    ),
    (
        "ticket.assigned",
        {"holder": "lake"},
        {},
        {
            "lake": "ticket-assigned-receiver",
            "mill": "ticket-assigned-sender",
            "reporter": "ticket-assigned-reporter",
        },
    ),
    (
        "ticket.assigned",
        {},
        {"receiver": "mill"},
        {"mill": "ticket-assigned-receiver", "reporter": "ticket-assigned-reporter"},
    ),
    ("ticket.paused", {}, {"reason": "weather"}, {"reporter": "ticket-paused-reporter"}),
    ("ticket.resolved", {"status": "resolved"}, {"reason": "fixed"}, {"reporter": "ticket-resolved-reporter"}),
    ("ticket.reopened", {}, {"office": "mill"}, {"mill": "ticket-reopened-office"}),
    (
        "ticket.closed",
        {"status": "closed"},
        {},
        {"reporter": "ticket-closed-reporter", "mill": "ticket-closed-holder"},
    ),
    ("note.added", {}, {"office": None}, {"mill": "note-added-office"}),
    ("note.added", {}, {"office": "mill"}, {"reporter": "note-added-reporter"}),
    ("note.added", {}, {"office": "mill", "public": False}, {}),
    (
        "note.added",
        {"coordinator": "north", "status": "convened"},
        {"office": None},
        {"mill": "note-added-office", "north": "note-added-office"},
    ),
    (
        "referral.opened",
        {},
        {"office": "mill"},
        {"reporter": "referral-opened-reporter", "north": "referral-opened-coordinator"},
    ),
    *(
        (
            "referral.opened",
            {"holder": "desk", "place": place},
            {"office": "desk"},
            {"reporter": "referral-opened-reporter", told: "referral-opened-coordinator"},
        )
        for place, told in (("t.2", "north"), ("t", "north"), ("elsewhere", "mayor"))
    ),
    (
        "referral.opened",
        {"named": ["north"]},
        {"office": "mill"},
        {"reporter": "referral-opened-reporter", "mayor": "referral-opened-coordinator"},
    ),
    (
        "referral.answered",
        {},
        {},
        {"reporter": "referral-answered-reporter", "mill": "referral-answered-office"},
    ),
    ("deadline.near", {"status": "offered"}, {"clock": "accept"}, {"lake": "deadline-near-office"}),
    ("deadline.near", {}, {"clock": "hold", "office": "mill"}, {"mill": "deadline-near-office"}),
    ("deadline.near", {}, {"clock": "resolve", "office": None}, {"mill": "deadline-near-office"}),
    ("deadline.near", {"status": "resolved"}, {"clock": "silence"}, {"reporter": "deadline-near-reporter"}),
    (
        "deadline.passed",
        {},
        {"clock": "hold", "office": "mill"},
        {"mill": "deadline-passed-office", "north": "deadline-passed-coordinator"},
    ),
    (
        "deadline.passed",
        {},
        {"clock": "resolve", "office": None},
        {"mill": "deadline-passed-office", "north": "deadline-passed-coordinator"},
    ),
    ("deadline.passed", {}, {"clock": "referral", "office": "mill"}, {"mill": "deadline-passed-office"}),
    ("deadline.passed", {}, {"clock": "loop", "office": None}, {"reporter": "deadline-passed-reporter"}),
    # What follows from these two tells of it: handoff.lapsed with ticket.convened, and ticket.closed.
    ("deadline.passed", {"status": "offered"}, {"clock": "accept"}, {}),
    ("deadline.passed", {"status": "resolved"}, {"clock": "silence"}, {}),
    # Clocks that rang while something happened meanwhile.
    ("deadline.passed", {"holder": "lake"}, {"clock": "hold", "office": "mill"}, {}),
    ("deadline.passed", {"status": "closed"}, {"clock": "loop", "office": None}, {}),
    ("deadline.near", {"status": "held"}, {"clock": "silence"}, {}),
    # Nobody but the right people.
    ("ticket.opened", {"reachable": False}, {}, {}),
    ("handoff.offered", {"confidential": True, "reachable": False}, {}, {"lake": CONFIDENTIAL}),
    ("note.added", {"named": ["mill"]}, {"office": None}, {}),
]


@pytest.mark.parametrize(("name", "standing", "given", "expected"), TABLE)
def test_who_is_told_what(name: str, standing: dict[str, Any], given: dict[str, Any], expected: dict[str, str]) -> None:
    assert told(name, standing, **given) == expected


def test_every_event_that_notify_listens_to_is_decided_on() -> None:
    heard = {each.name for each in CONTRACTS if "notify.tell" in each.listeners}
    assert heard == TOLD, "a rule in services/notify/audience.py, or no notify.tell in estafet/events/registry.py"


def test_the_table_shows_every_wording_there_is_and_no_other() -> None:
    shown = {template for *_, expected in TABLE for template in expected.values()}
    shown.add(agency_message(samples.data("referral.packaged")).template)
    shown.add(DIGEST)
    for locale in LOCALES:
        assert shown == packaged().messages(locale), f"TABLE above, and city/kediri/wording/{locale}"


def test_an_event_unknown_here_is_nobodys_news() -> None:
    assert audience("report.accepted", {}, samples.ticket(), samples.directory()) == []


@st.composite
def news(draw: st.DrawFn) -> tuple[str, dict[str, Any], dict[str, Any], list[Message]]:
    name = draw(st.sampled_from(ALL_TOLD))
    data = draw(samples.event_data(name))
    standing = data.get("ticket") or draw(samples.event_data("ticket.opened"))["ticket"]
    return name, data, standing, audience(name, data, standing, samples.directory())


@given(news())
def test_nobody_is_told_twice(case: tuple[str, dict[str, Any], dict[str, Any], list[Message]]) -> None:
    recipients = [message.recipient for message in case[3]]
    assert len(recipients) == len(set(recipients))


@given(news())
def test_an_office_the_report_is_about_is_never_told(
    case: tuple[str, dict[str, Any], dict[str, Any], list[Message]],
) -> None:
    _, _, standing, messages = case
    assert not {message.recipient for message in messages} & set(standing["named"])


@given(news())
def test_a_reporter_without_contact_is_never_written_to(
    case: tuple[str, dict[str, Any], dict[str, Any], list[Message]],
) -> None:
    _, _, standing, messages = case
    assert standing["reachable"] or all(message.audience != "reporter" for message in messages)


@given(news())
def test_an_office_hears_nothing_of_a_confidential_report_but_that_there_is_news(
    case: tuple[str, dict[str, Any], dict[str, Any], list[Message]],
) -> None:
    _, _, standing, messages = case
    for message in messages:
        if message.audience != "reporter":
            assert (message.template == CONFIDENTIAL and not message.facts) or not standing["confidential"]


@given(news())
def test_nobody_is_told_of_their_own_act(
    case: tuple[str, dict[str, Any], dict[str, Any], list[Message]],
) -> None:
    name, data, _, messages = case
    actor = {
        "handoff.offered": None,
        "handoff.accepted": data.get("receiver"),
        "handoff.refused": data.get("office"),
        "handoff.withdrawn": data.get("sender"),
        "ticket.assigned": data.get("coordinator"),
        "note.added": data.get("office"),
    }.get(name)
    assert actor is None or actor not in {message.recipient for message in messages}


def test_a_ladder_that_runs_in_a_circle_ends() -> None:
    data = samples.directory_data()
    data["offices"][1]["parent"] = "north"
    looped = from_event(data)
    assert list(looped.coordinators_above("mill")) == ["north", "mayor"]
