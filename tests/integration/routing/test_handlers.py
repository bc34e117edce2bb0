import random
import threading
from dataclasses import replace

import pytest

from estafet.events import Event, contract
from estafet.relay.errors import Hopeless, NotYet
from services.routing.city import loading
from tests.cities import KEDIRI, city
from tests.integration.routing.post import Post
from tests.unit.routing.life import LIFE
from tests.unit.routing.reports import NOON, opened, requested


def life_of(ticket: str) -> list[Event]:
    return [
        replace(each, subject=ticket, correlationid=f"chain-{ticket}", id=f"{ticket}/{position:02}")
        for position, each in enumerate(LIFE)
    ]


def test_a_new_report_is_routed(kediri: Post) -> None:
    report = opened(category="pungli", confidential=True)
    kediri.deliver(report)
    (routed,) = kediri.said("handoff.routed")
    assert (routed.subject, routed.subjectversion, routed.data["receiver"]) == ("KDR-0001", 1, "inspektorat")
    assert (routed.causationid, routed.correlationid) == (report.id, report.correlationid)
    assert routed.dataclassification == "confidential"
    assert routed.data["because"][0]["rule"] == "competent-office"


def test_a_request_that_would_go_back_is_blocked(kediri: Post) -> None:
    asked = requested("kelurahan-ngampel", holder="kelurahan-bujel", seen=["kelurahan-ngampel"])
    kediri.deliver(asked)
    (blocked,) = kediri.said("handoff.blocked")
    assert (blocked.data["coordinator"], blocked.data["ticket_version"]) == ("kecamatan-mojoroto", 4)
    assert blocked.data["involved"] == ["kelurahan-bujel", "kelurahan-ngampel"]
    assert blocked.data["handoff"] == "h-1"
    assert blocked.dataclassification is None


def test_without_a_city_events_wait(post: Post) -> None:
    for event in LIFE[:3]:
        with pytest.raises(NotYet, match="city load"):
            post.deliver(event)
    assert post.said() == []
    loading.load(post.works, city(KEDIRI))
    post.deliver(*LIFE[:3])
    assert len(post.said("handoff.routed")) == 1


@pytest.mark.parametrize("missing", ["subject", "subjectversion"])
def test_what_says_of_no_report_or_of_no_version_is_hopeless(kediri: Post, missing: str) -> None:
    """Nobody could read what would be said of it later."""
    heard = [event for event in LIFE if any(each.startswith("routing.") for each in contract(event.name).listeners)]
    for event in heard:
        with pytest.raises(Hopeless, match="which version"):
            kediri.deliver(replace(event, **{missing: None}))
    assert kediri.said("handoff.routed") == kediri.said("handoff.blocked") == []


def test_a_report_that_names_every_coordinator_is_hopeless(kediri: Post) -> None:
    everybody = [office.code for office in city(KEDIRI).offices if office.can_coordinate]
    with pytest.raises(Hopeless, match="names every coordinator"):
        kediri.deliver(opened(category="pungli", named=["inspektorat", *everybody]))
    assert kediri.state() == ([], [])


@pytest.mark.parametrize("length", range(1, len(LIFE) + 1))
def test_doubled_and_shuffled_events_end_in_the_same_state(kediri: Post, length: int) -> None:
    tickets = [f"T-{number}" for number in range(5)]
    for seed, ticket in enumerate(tickets):
        life = life_of(ticket)[:length]
        mixed = life + life
        if seed:
            random.Random(seed).shuffle(mixed)
        kediri.deliver(*mixed)
    cases, clocks = kediri.state()
    seen = {
        ticket: [
            tuple(value.replace(ticket, "T") if isinstance(value, str) else value for value in row)
            for row in [*cases, *clocks]
            if row[0] == ticket
        ]
        for ticket in tickets
    }
    assert seen["T-0"]
    assert all(rows == seen["T-0"] for rows in seen.values())


def test_a_doubled_event_is_answered_once(kediri: Post) -> None:
    report = opened()
    kediri.deliver(report, report)
    assert len(kediri.said("handoff.routed")) == 1


def test_a_batch_ends_in_the_same_state_as_one_by_one(kediri: Post) -> None:
    kediri.deliver(opened(ticket="A"), opened(ticket="B"))
    watched = {"handoff.offered", "handoff.accepted", "ticket.paused", "referral.opened"}
    life = {ticket: [each for each in life_of(ticket)[1:5] if each.name in watched] for ticket in ("A", "B")}
    kediri.deliver(*life["A"])
    kediri.deliver_together(reversed(life["B"]), "routing.watch")
    cases, _ = kediri.state()
    assert [row[1:5] for row in cases] == [(3, "held", "dpupr", None)] * 2


def test_events_of_one_report_may_be_handled_at_once(kediri: Post) -> None:
    """Each adds its part; none is lost to the other's write."""
    kediri.deliver(*life_of("A")[:3])
    together, errors = threading.Barrier(4), []

    def run(event: Event) -> None:
        together.wait(timeout=30)
        try:
            kediri.deliver(event)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(event,)) for event in life_of("A")[3:7]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    at_once = kediri.state()
    kediri.deliver(*life_of("B")[:7])
    cases, clocks = kediri.state()
    alone = [[tuple(v.replace("B", "A") if isinstance(v, str) else v for v in row) for row in rows if row[0] == "B"]
             for rows in (cases, clocks)]  # fmt: skip
    assert list(at_once) == alone


def test_the_citizens_deadline_counts_from_the_report(kediri: Post) -> None:
    kediri.pass_by(days=1)
    kediri.deliver(opened(category="ktp"))
    (routed,) = kediri.said("handoff.routed")
    assert routed.data["resolve_by"] == "2026-03-17T08:30:00+00:00"
    assert routed.time == NOON.replace(day=11)
