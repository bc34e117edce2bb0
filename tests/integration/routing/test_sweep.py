import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from estafet.relay.database import connect
from services.routing import store
from services.routing.city import loading
from services.routing.timekeeping import BATCH
from tests.cities import KEDIRI, city
from tests.integration.routing.post import Post
from tests.unit.routing.life import FAR, LIFE, at, told
from tests.unit.routing.reports import NOON, opened


def due_of(post: Post, clock: str) -> datetime:
    with post.database.read() as connection:
        due = connection.execute(select(store.clocks.c.due).where(store.clocks.c.clock == clock)).scalar_one()
    assert isinstance(due, datetime)
    return due


def test_a_clock_warns_once_and_ends_once(kediri: Post) -> None:
    kediri.deliver(*LIFE[:2])
    kediri.sweep()
    assert kediri.rang() == []
    kediri.clock.time = at(29)
    kediri.sweep()
    kediri.sweep()
    assert kediri.rang() == [("near", "accept")]
    kediri.clock.time = at(30)
    kediri.sweep()
    kediri.sweep()
    assert kediri.rang() == [("near", "accept"), ("passed", "accept")]


def test_what_is_past_already_does_not_warn(kediri: Post) -> None:
    kediri.deliver(*LIFE[:2])
    kediri.clock.time = at(31)
    kediri.sweep()
    assert kediri.rang() == [("passed", "accept")]


def test_a_deadline_says_whose_and_which(kediri: Post) -> None:
    kediri.deliver(*LIFE[:2])
    kediri.clock.time = at(30)
    kediri.sweep()
    (passed,) = kediri.said("deadline.passed")
    assert passed.data == {
        "clock": "accept",
        "ticket_version": 2,
        "due": at(30).isoformat(),
        "office": "dpupr",
        "coordinator": "asisten-ekbang",
        "handoff": "h-0",
        "referral": None,
    }
    assert (passed.subject, passed.subjectversion) == ("KDR-0001", 2)
    assert (passed.causationid, passed.correlationid) == (LIFE[1].id, LIFE[1].correlationid)


def test_an_answered_offer_does_not_lapse(kediri: Post) -> None:
    kediri.deliver(*LIFE[:3])
    kediri.clock.time = at(31)
    kediri.sweep()
    assert ("passed", "accept") not in kediri.rang()


def test_the_citizens_clock_ends_once_whoever_holds_it(kediri: Post) -> None:
    kediri.deliver(*LIFE[:3])
    kediri.clock.time = FAR
    kediri.sweep()
    assert Counter(kediri.rang())["passed", "resolve"] == 1
    kediri.deliver(*LIFE[6:8])
    kediri.sweep()
    assert Counter(kediri.rang())["passed", "resolve"] == 1


def test_a_referral_is_asked_after(kediri: Post) -> None:
    kediri.deliver(*LIFE[:6])
    kediri.clock.time = due_of(kediri, "referral")
    kediri.sweep()
    (passed,) = [each for each in kediri.said("deadline.passed") if each.data["clock"] == "referral"]
    assert (passed.data["referral"], passed.data["office"]) == ("r-1", "dpupr")


def test_a_pause_moves_the_holders_clock_and_not_the_citizens(kediri: Post) -> None:
    kediri.deliver(*LIFE[:3])
    hold, resolve = due_of(kediri, "hold"), due_of(kediri, "resolve")
    kediri.deliver(LIFE[3])
    assert due_of(kediri, "hold") > hold
    assert due_of(kediri, "resolve") == resolve == FAR


def test_the_citizen_hears_something_until_the_report_is_closed(kediri: Post) -> None:
    kediri.deliver(*LIFE[:3])
    for count in range(1, 6):
        kediri.clock.time = due_of(kediri, "loop")
        kediri.sweep()
        kediri.sweep()
        assert Counter(kediri.rang())["passed", "loop"] == count
    kediri.deliver(told("ticket.closed", 9, 999, {"how": "confirmed"}, status="closed"))
    assert kediri.state()[1] == []


def test_a_late_event_does_not_start_the_loop_anew(kediri: Post) -> None:
    kediri.deliver(*LIFE[:3])
    kediri.clock.time = due_of(kediri, "loop")
    kediri.sweep()
    again = due_of(kediri, "loop")
    kediri.deliver(LIFE[3])
    assert due_of(kediri, "loop") == again


def test_silence_closes_on_the_version_that_was_resolved(kediri: Post) -> None:
    kediri.deliver(*LIFE[:10])
    kediri.clock.time = due_of(kediri, "silence")
    kediri.sweep()
    (passed,) = [each for each in kediri.said("deadline.passed") if each.data["clock"] == "silence"]
    assert (passed.data["ticket_version"], passed.data["office"]) == (6, None)


def test_confidential_reports_stay_marked(kediri: Post) -> None:
    kediri.deliver(opened(category="pungli", confidential=True))
    kediri.pass_by(days=30)
    kediri.sweep()
    assert {each.dataclassification for each in kediri.said("deadline.passed")} == {"confidential"}


def test_replicas_share_the_clocks_and_each_rings_once(kediri: Post) -> None:
    count = BATCH + 50
    for number in range(count):
        kediri.deliver(replace(opened(), subject=f"T-{number:03}"))
    kediri.clock.time = FAR
    threads = [threading.Thread(target=kediri.sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    kediri.sweep()
    rang = Counter((each.subject, each.data["clock"]) for each in kediri.said("deadline.passed"))
    assert set(rang.values()) == {1}
    assert len(rang) == 3 * count


def test_a_clock_that_another_replica_is_busy_with_is_left_to_it(migrated_url: Callable[[str, str], str]) -> None:
    database = connect(migrated_url("routing", "postgresql"))
    post = Post(database)
    loading.load(post.works, city(KEDIRI))
    post.deliver(replace(opened(), subject="A"), replace(opened(), subject="B"))
    post.clock.time = FAR
    busy = store.clocks.c.ticket == "A"
    with database.begin() as other:
        other.execute(select(store.clocks).where(busy).with_for_update()).all()
        post.sweep()
    assert {each.subject for each in post.said("deadline.passed")} == {"B"}
    post.sweep()
    assert {each.subject for each in post.said("deadline.passed")} == {"A", "B"}
    database.engine.dispose()


def test_nothing_rings_before_its_time(kediri: Post) -> None:
    kediri.deliver(opened())
    kediri.clock.time = NOON
    kediri.sweep()
    assert kediri.rang() == []
