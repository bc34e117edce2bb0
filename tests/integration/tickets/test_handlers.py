"""Each message handled once, doubled and out of order, on both databases."""

import contextlib
import json
import random
from dataclasses import asdict, replace

import pytest
from sqlalchemy import select, update

from estafet.events import new_id
from estafet.relay.errors import Hopeless, NotYet
from services.tickets import custody, learning, recording
from services.tickets.custody import Act
from services.tickets.store import Cases
from services.tickets.tables import chain, holdings, reporters, texts
from tests.integration.tickets.town import DIRECTORY, NOW, PERSONAL, REPORT, Town, message


def accept(office):
    return lambda case, work: custody.accept(case, Act(by=office, now=work.now))


def resolve(office):
    return lambda case, work: custody.resolve(case, Act(by=office, now=work.now), reason="fixed")


def verified(town: Town, code: str) -> bool:
    with town.works.database.read() as connection:
        return recording.verify(connection, code) is None


def chained(town: Town, code: str) -> list:
    with town.works.database.read() as connection:
        return list(recording.entries(connection, code))


def test_nothing_is_opened_before_there_is_a_directory(bare):
    with pytest.raises(NotYet, match="city load"):
        bare.deliver(message("report.submitted", REPORT, source="/app"))
    bare.deliver(message("directory.published", DIRECTORY))
    assert bare.submit().startswith("CTH-")


def test_an_older_directory_never_replaces_a_newer_one(bare):
    newer = {**DIRECTORY, "number": 3, "city": "Baru"}
    older = {**DIRECTORY, "number": 2, "city": "Lama"}
    for each in (message("directory.published", newer), message("directory.published", older)):
        bare.handle(each)
    with bare.works.database.read() as connection:
        assert learning.needed(connection).city == "Baru"
    bare.handle(message("directory.published", {**DIRECTORY, "number": 4, "city": "Terbaru"}))
    with bare.works.database.read() as connection:
        assert learning.needed(connection).city == "Terbaru"


def test_a_report_is_opened_accepted_and_given_to_notify(town):
    body = message("report.submitted", REPORT, source="/app")
    town.deliver(body)
    submitted = json.loads(body)
    opened, accepted = town.said("ticket.opened")[0], town.said("report.accepted")[0]
    given = town.said("reporter.given")[0]
    assert opened["causationid"] == accepted["causationid"] == submitted["id"]
    assert {each["correlationid"] for each in town.said()} == {submitted["id"]}
    assert accepted["data"]["submission"] == {"source": "/app", "id": submitted["id"]}
    assert accepted["data"]["reference"] == "app-17"
    assert opened["data"]["ticket"]["holder"] == "loket"
    assert opened["data"]["ticket"]["status"] == "requested"
    assert opened["data"]["ticket"]["reachable"] is True
    assert given["data"]["email"] == "budi@contoh.id"
    assert len(given["data"]["secret"]) == 29


def test_nothing_personal_leaves_but_on_the_private_exchange(town):
    code = town.submit(consent=["text", "name"], category="investasi")
    town.deliver(town.routed(code, "jalan", refer="wasit"))
    for event in town.said():
        if event["type"] in ("id.estafet.reporter.given.v1", "id.estafet.referral.packaged.v1"):
            continue
        assert not any(each in json.dumps(event) for each in PERSONAL)
    for entry in chained(town, code):
        assert entry.name != "reporter.given"
        assert not any(each in entry.body for each in PERSONAL)


def test_the_same_report_twice_opens_once(town):
    body = message("report.submitted", REPORT, source="/app")
    town.deliver(body, body)
    town.deliver(body)
    assert town.names().count("ticket.opened") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "tidak-ada"}, "category"),
        ({"category": None}, "category"),
        ({"category": "warga"}, "place"),
        ({"place": "antah-berantah"}, "place"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": 5}, "text"),
        ({"named": ["tidak-ada"]}, "named"),
        ({"reporter": {"email": "nonsense"}}, "reporter.email"),
        ({"consent": ["everything"]}, "consent.0"),
        ({"reference": "x" * 300}, "reference"),
        ({"hops": 10**15}, "hops"),
    ],
)
def test_what_is_wrong_with_a_report_is_answered(town, changes, field):
    body = message("report.submitted", REPORT | changes, source="/app", id="wrong-1")
    town.deliver(body)
    assert town.names() == ["report.rejected"]
    rejected = town.said("report.rejected")[0]
    assert rejected["causationid"] == "wrong-1"
    assert rejected["data"]["submission"] == {"source": "/app", "id": "wrong-1"}
    assert field in {each["field"] for each in rejected["data"]["errors"]}


def test_a_report_with_nothing_in_it_is_rejected_field_by_field(town):
    town.deliver(message("report.submitted", {}, source="/app"))
    fields = {each["field"] for each in town.said("report.rejected")[0]["data"]["errors"]}
    assert fields == {"category", "text"}


def test_our_own_echo_is_rejected(town):
    town.deliver(message("report.submitted", REPORT, source="/estafet/tickets"))
    assert town.said("report.rejected")[0]["data"]["errors"][0]["field"] == "source"


def test_offices_seen_elsewhere_travel_on(town):
    code = town.submit(seen=["jalan"], hops=2)
    assert town.case(code).seen == ("jalan",)
    with pytest.raises(Hopeless, match="no way back"):
        town.deliver(town.routed(code, "jalan"))


def test_an_anonymous_report_gives_notify_nobody(town):
    town.submit(reporter=None)
    town.submit(reporter={"name": "Budi"})
    assert "reporter.given" not in town.names()
    assert [each["data"]["ticket"]["reachable"] for each in town.said("ticket.opened")] == [False, False]
    with town.works.database.read() as connection:
        assert connection.execute(select(reporters.c.name)).scalars().all() == ["Budi"]
        assert len(connection.execute(select(texts)).all()) == 2


def test_a_decision_offers_and_an_acceptance_moves(town):
    code = town.submit()
    decision = town.routed(code, "jalan")
    town.deliver(decision)
    offered = town.said("handoff.offered")[0]
    assert offered["causationid"] == json.loads(decision)["id"]
    assert offered["subjectversion"] == 2
    town.clock.pass_by(hours=1)
    town.act(code, accept("jalan"))
    accepted = town.said("handoff.accepted")[0]
    assert accepted["causationid"] == offered["id"]
    case = town.case(code)
    assert (case.holder, case.guardian, case.status, case.version) == ("jalan", "jalan", "held", 3)
    with town.works.database.read() as connection:
        rows = connection.execute(select(holdings).order_by(holdings.c.number)).all()
    assert [(row.office, row.how) for row in rows] == [("loket", "opened"), ("jalan", "accepted")]
    assert rows[0].until == rows[1].since == town.clock.now()
    assert rows[1].until is None
    assert [each.name for each in chained(town, code)] == [
        "ticket.opened",
        "report.accepted",
        "handoff.routed",
        "handoff.offered",
        "handoff.accepted",
    ]
    assert verified(town, code)


def test_a_decision_on_another_version_is_kept_and_has_no_effect(town):
    code = town.submit()
    late = town.routed(code, "taman")
    town.deliver(town.routed(code, "jalan"))
    before = town.case(code)
    town.deliver(late)
    assert town.case(code) == before
    last = chained(town, code)[-1]
    assert (last.name, last.superseded, last.publisher) == ("handoff.routed", True, "routing")
    assert verified(town, code)


def test_an_unlawful_decision_is_not_obeyed(town):
    code = town.submit(named=["jalan"])
    with pytest.raises(Hopeless, match="named"):
        town.deliver(town.routed(code, "jalan"))
    assert town.case(code).status == "requested"


def test_a_blocked_handoff_convenes(town):
    code = town.submit()
    town.deliver(town.blocked(code))
    assert town.case(code).coordinator == "asisten"
    assert town.said("ticket.convened")[0]["data"]["coordinator"] == "asisten"


def test_a_report_for_an_agency_is_referred_at_once_with_what_was_consented(town):
    code = town.submit(category="investasi", consent=["text", "place"])
    town.deliver(town.routed(code, "jalan", refer="wasit"))
    opened, packaged = town.said("referral.opened")[0], town.said("referral.packaged")[0]
    assert opened["data"]["fields_shared"] == ["text"]
    assert packaged["data"]["package"] == {"text": REPORT["text"]}
    assert packaged["causationid"] == opened["id"]
    kept = json.loads(chained(town, code)[-1].body)
    assert kept["id"] == packaged["id"]
    assert kept["data"] == {"referral": opened["id"], "agency": "wasit", "package": {}}
    assert town.case(code).referrals_open == 1
    assert town.case(code).holder == "loket"


def test_an_unanswered_offer_lapses_once(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    passed = town.deadline(code, "accept")
    town.deliver(passed)
    town.handle(passed)  # even if it came twice past the inbox
    assert town.names().count("handoff.lapsed") == 1
    assert town.case(code).seen == ("jalan",)
    assert [each.superseded for each in chained(town, code) if each.name == "deadline.passed"] == [False, True]


def test_an_offer_accepted_in_time_does_not_lapse(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    passed = town.deadline(code, "accept")
    town.act(code, accept("jalan"))
    town.deliver(passed)
    assert town.case(code).holder == "jalan"
    assert "handoff.lapsed" not in town.names()


def test_silence_closes_what_is_resolved(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    town.act(code, accept("jalan"))
    early = town.deadline(code, "silence")
    town.act(code, resolve("jalan"))
    town.deliver(early)
    assert town.case(code).status == "resolved"
    town.deliver(town.deadline(code, "silence"))
    assert town.case(code).status == "closed"
    assert town.said("ticket.closed")[0]["data"]["how"] == "silence"


@pytest.mark.parametrize("clock", ["accept", "hold", "resolve", "silence", "loop", "referral"])
def test_a_near_deadline_is_only_kept(town, clock):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"))
    before = town.case(code)
    town.deliver(town.deadline(code, clock, "deadline.near"))
    assert town.case(code) == before
    assert chained(town, code)[-1].name == "deadline.near"


def test_who_was_told_is_kept_in_the_chain(town):
    code = town.submit()
    town.deliver(town.notified(code), town.notified(code, "notification.failed"), town.notified(None))
    assert [each.name for each in chained(town, code)][-2:] == ["notification.sent", "notification.failed"]
    assert verified(town, code)


def test_messages_about_no_report_are_hopeless(town):
    code = town.submit()
    for body in (town.routed(code, "jalan"), town.deadline(code, "accept"), town.notified(code)):
        foreign = body.replace(code.encode(), b"CTH-NOWH-ERE")
        with pytest.raises(Hopeless, match="no report"):
            town.deliver(foreign)


class Undo(Exception):
    """Takes a transaction back."""


def changed(value, elsewhere):
    """As little as a stored value can be changed."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1000
    if value is None:
        return ""
    return elsewhere if value.startswith("CTH-") else value[:-1] + chr(ord(value[-1]) ^ 1)


@pytest.mark.parametrize("column", [each.name for each in chain.c])
def test_a_changed_byte_in_any_column_of_any_entry_is_found(town, column):
    code, elsewhere = town.submit(), town.submit()
    town.deliver(town.routed(code, "jalan"), town.notified(code))
    entries = [asdict(each) for each in chained(town, code)]
    assert len(entries) > 3
    for entry in entries:
        here = (chain.c.code == code, chain.c.position == entry["position"])
        with contextlib.suppress(Undo), town.works.database.begin() as connection:
            connection.execute(chain.delete().where(chain.c.code == elsewhere))  # an entry may be moved there
            connection.execute(update(chain).where(*here).values({column: changed(entry[column], elsewhere)}))
            assert recording.verify(connection, code) == entry["position"]
            raise Undo
    assert verified(town, code)


def test_an_entry_cut_off_the_end_is_found(town):
    code = town.submit()
    town.deliver(town.notified(code))
    last = chained(town, code)[-1].position
    with town.works.database.begin() as connection:
        connection.execute(chain.delete().where(chain.c.code == code, chain.c.position == last))
    with town.works.database.read() as connection:
        assert recording.verify(connection, code) == last


@pytest.mark.parametrize("seed", range(6))
def test_doubled_and_shuffled_messages_end_alike(town, seed):
    """All that routing and notify ever said about three reports, twice, in any order, in batches of any size."""
    shuffled = random.Random(seed)
    codes = [town.submit() for _ in range(3)]
    bodies = []
    for code in codes:
        bodies += [town.routed(code, "jalan"), town.notified(code), town.deadline(code, "resolve", "deadline.near")]
        bodies += [town.blocked(code, ticket_version=7), town.routed(code, "taman", ticket_version=9)]
    doubled = bodies * 2
    shuffled.shuffle(doubled)
    while doubled:
        size = shuffled.randint(1, 6)
        town.deliver(*doubled[:size])
        doubled = doubled[size:]
    assert town.names().count("handoff.offered") == 3
    for code in codes:
        case = town.case(code)
        assert (case.status, case.offered_to, case.version) == ("offered", "jalan", 2)
        assert verified(town, code)
        names = [each.name for each in chained(town, code)]
        assert sorted(names) == sorted(
            ["ticket.opened", "report.accepted", "handoff.offered", "notification.sent", "deadline.near"]
            + ["handoff.routed"] * 2
            + ["handoff.blocked"]
        )
        assert [each.position for each in chained(town, code)] == list(range(1, len(names) + 1))


def test_two_decisions_about_one_report_in_one_batch_see_each_other(town):
    code = town.submit()
    town.deliver(town.routed(code, "jalan"), town.routed(code, "taman"))
    assert town.case(code).offered_to == "jalan"
    assert [each.superseded for each in chained(town, code) if each.name == "handoff.routed"] == [False, True]


def test_a_case_is_read_back_as_it_was_kept(town):
    code = town.submit(category="investasi", consent=["text"], named=["taman"], seen=["hulu"], place="n-1")
    town.deliver(town.routed(code, "jalan", refer="wasit"))
    town.act(code, accept("jalan"))
    case = town.case(code)
    assert case.resolve_by == NOW.replace(day=12)
    with town.works.begin() as work:
        assert Cases.of(work).get(code) == case
        paused = custody.pause(case, Act(by="jalan", now=work.now), reason="weather", until=NOW.replace(day=5))
        Cases.of(work).save(paused)
    assert town.case(code) == paused.case == replace(case, paused_until=NOW.replace(day=5))


def test_of_one_directory_what_was_said_last_is_kept(bare: Town) -> None:
    """A city loaded again after an upgrade has the same number, and says what the release before could not."""
    ids = sorted(new_id() for _ in range(3))
    with_agency = [each | {"agency": None} for each in DIRECTORY["services"]]
    said = [
        message("directory.published", DIRECTORY | more, id=id)
        for id, more in zip(ids, ({}, {"services": with_agency}, {"number": 2}), strict=True)
    ]
    bare.deliver(said[0])
    assert _referable(bare) == {True}
    bare.deliver(said[1])
    assert _referable(bare) == {False}
    bare.handle(said[0])  # a repetition, later
    assert _referable(bare) == {False}
    bare.deliver(said[2])
    bare.handle(said[1])
    assert _referable(bare) == {True}


def _referable(town: Town) -> set[bool]:
    with town.works.database.read() as connection:
        return {each.referable for each in learning.needed(connection).services.values()}
