from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from estafet.events import Event
from services.routing.city.directory import NobodyLeft
from services.routing.decision import Blocked, Routed, decide
from tests.cities import KEDIRI, WATU, directory
from tests.unit.routing.reports import NOON, event, lapsed, opened, refused, reopened, requested, stand

BUJEL, NGAMPEL, CAMAT = "kelurahan-bujel", "kelurahan-ngampel", "kecamatan-mojoroto"
IN_BUJEL = "35.71.01.1006"
LATER = NOON + timedelta(minutes=1)


def routed(asked: Event, folder: Path = KEDIRI) -> Routed:
    decision = decide(asked, directory(folder), LATER)
    assert isinstance(decision, Routed), decision
    return decision


def blocked(asked: Event, folder: Path = KEDIRI) -> Blocked:
    decision = decide(asked, directory(folder), LATER)
    assert isinstance(decision, Blocked), decision
    return decision


def rules(decision: Routed | Blocked) -> list[str]:
    return [each.rule for each in decision.because]


def held(category: str = "jalan-lingkungan", **changes: Any) -> dict[str, Any]:
    """A report that Bujel holds and asks to be rid of."""
    far = datetime(2026, 6, 1, tzinfo=UTC)
    return {"category": category, "place": IN_BUJEL, "holder": BUJEL, "resolve_by": far, **changes}


class TestFirst:
    def test_a_departments_task_goes_to_the_department(self) -> None:
        decision = routed(opened(category="jalan-kota"))
        assert (decision.receiver, decision.decision, decision.handoff) == ("dpupr", "first", None)
        assert (decision.ticket_version, decision.hop_budget, decision.refer) == (1, 3, None)
        assert rules(decision) == ["competent-office", "within-budget"]
        assert "Dinas Pekerjaan Umum" in decision.because[0].id
        assert "City road" in decision.because[0].en

    def test_a_local_task_goes_to_the_office_of_the_place(self) -> None:
        decision = routed(opened(category="surat-pengantar", place=IN_BUJEL))
        assert decision.receiver == BUJEL
        assert rules(decision) == ["local-office", "within-budget"]

    def test_the_kelurahan_and_the_kecamatan_of_one_name_are_two(self) -> None:
        receivers = [
            routed(opened(category="kerukunan-warga", place=place)).receiver
            for place in ("35.71.01", "35.71.01.1011", "35.71.03", "35.71.03.1013")
        ]
        assert receivers == [CAMAT, "kelurahan-mojoroto", "kecamatan-pesantren", "kelurahan-pesantren"]

    @pytest.mark.parametrize(("place", "rule"), [(None, "place-missing"), ("35.06.01", "unknown-place")])
    def test_a_local_task_without_a_place_goes_to_the_coordinator_above_the_front_desk(
        self, place: str | None, rule: str
    ) -> None:
        decision = blocked(opened(category="surat-pengantar", place=place))
        assert (decision.coordinator, decision.involved) == ("asisten-pemkesra", ())
        assert rules(decision) == [rule, "lowest-coordinator"]

    def test_a_category_that_is_gone_is_for_a_coordinator(self) -> None:
        decision = blocked(opened(category="becak"))
        assert rules(decision) == ["unknown-category", "lowest-coordinator"]
        assert decision.coordinator == "asisten-pemkesra"

    def test_an_outside_agencys_task_is_referred_and_held_where_it_happens(self) -> None:
        decision = routed(opened(category="investasi-mencurigakan", place=IN_BUJEL, confidential=True))
        assert (decision.receiver, decision.refer) == (BUJEL, "ojk")
        assert rules(decision) == ["outside-agency", "within-budget"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"place": None},
            {"place": "35.06.01"},
            {"place": IN_BUJEL, "named": [BUJEL]},
            {"place": IN_BUJEL, "seen": [BUJEL], "hops": 1},
        ],
        ids=["no place", "unknown place", "the kelurahan is named", "the kelurahan had it"],
    )
    def test_an_outside_agencys_task_is_otherwise_held_by_whom_the_policy_names(self, changes: dict[str, Any]) -> None:
        decision = routed(opened(category="pinjaman-online-ilegal", confidential=True, **changes))
        assert (decision.receiver, decision.refer) == ("diskominfo", "ojk")

    def test_the_citizens_time_runs_from_the_report_and_the_offices_from_the_decision(self) -> None:
        late = NOON + timedelta(days=1)
        decision = decide(opened(category="ktp"), directory(KEDIRI), late)
        assert isinstance(decision, Routed)
        deadlines = directory(KEDIRI).deadlines
        assert decision.resolve_by == deadlines.resolve_by(NOON, "normatif")
        assert decision.accept_by == deadlines.accept_by(late, decision.resolve_by)

    def test_what_it_went_through_elsewhere_counts(self) -> None:
        again = blocked(opened(category="jalan-kota", seen=["dpupr"], hops=1))
        assert rules(again) == ["no-way-back", "lowest-coordinator"]
        assert (again.coordinator, again.involved) == ("asisten-ekbang", ("dpupr",))
        spent = blocked(opened(category="jalan-kota", seen=["city-of-elsewhere"], hops=3))
        assert rules(spent) == ["hop-budget", "lowest-coordinator"]
        assert spent.involved == ("dpupr",)


class TestConfidential:
    def test_an_office_the_report_is_about_never_gets_it(self) -> None:
        decision = blocked(opened(category="pungli", confidential=True, named=["inspektorat"]))
        assert rules(decision) == ["named-office", "lowest-coordinator"]
        assert (decision.coordinator, decision.involved) == ("asisten-pemkesra", ())
        assert "Inspektorat" not in "".join(each.id + each.en for each in decision.because)

    def test_nor_does_an_office_right_below_it(self) -> None:
        decision = blocked(opened(category="pungli", confidential=True, named=["asisten-pemkesra"]))
        assert rules(decision) == ["below-named-office", "lowest-coordinator"]
        assert decision.coordinator == "sekda"

    def test_a_coordinator_the_report_is_about_is_passed_over(self) -> None:
        decision = blocked(requested(NGAMPEL, **held(seen=[NGAMPEL], named=[CAMAT, "asisten-pemkesra"])))
        assert decision.coordinator == "sekda"

    def test_when_all_above_are_named_the_highest_other_coordinator_decides(self) -> None:
        decision = blocked(opened(category="pungli", named=["inspektorat", "asisten-pemkesra", "sekda", "walikota"]))
        assert decision.coordinator in {"asisten-ekbang", "asisten-umum"}
        assert rules(decision) == ["named-office", "other-coordinator"]

    def test_when_every_coordinator_is_named_nobody_is_left(self) -> None:
        everybody = [office.code for office in directory(KEDIRI).city.offices if office.can_coordinate]
        with pytest.raises(NobodyLeft):
            decide(opened(category="pungli", named=["inspektorat", *everybody]), directory(KEDIRI), LATER)


class TestRequested:
    def test_an_office_that_never_had_it_is_asked(self) -> None:
        decision = routed(requested("dpupr", **held(hops=1)))
        assert (decision.receiver, decision.decision, decision.handoff) == ("dpupr", "requested", "h-1")
        assert rules(decision) == ["asked-for", "within-budget"]

    def test_the_citizens_deadline_stays(self) -> None:
        far = datetime(2026, 6, 1, tzinfo=UTC)
        assert routed(requested("dpupr", **held())).resolve_by == far
        assert blocked(requested("dpupr", **held(seen=["dpupr"]))).resolve_by == far

    def test_without_a_receiver_the_competent_office_is_found(self) -> None:
        decision = routed(requested(None, **held(category="sampah")))
        assert (decision.receiver, decision.decision) == ("dlhkp", "requested")

    def test_a_second_referral_is_not_proposed(self) -> None:
        decision = routed(requested(None, **held(category="sertifikat-tanah", holder=NGAMPEL)))
        assert (decision.receiver, decision.refer) == (BUJEL, None)

    @pytest.mark.parametrize(
        ("receiver", "changes", "rule"),
        [
            (NGAMPEL, {"seen": [NGAMPEL]}, "no-way-back"),
            (BUJEL, {}, "already-holder"),
            (None, {}, "already-holder"),
            ("dishub", {"named": ["dishub"]}, "named-office"),
            ("kantor-pos", {}, "unknown-office"),
            ("sekda", {}, "cannot-hold"),
            ("loket", {}, "cannot-hold"),
            ("pln", {}, "refer-instead"),
            ("dishub", {"hops": 3}, "hop-budget"),
            ("kelurahan-pojok", {"named": [CAMAT], "confidential": True}, "below-named-office"),
        ],
    )
    def test_what_stands_in_the_way_convenes(self, receiver: str | None, changes: dict[str, Any], rule: str) -> None:
        decision = blocked(requested(receiver, **held(**changes)))
        assert rules(decision) == [rule, "lowest-coordinator"]

    def test_every_reason_is_given(self) -> None:
        decision = blocked(requested(NGAMPEL, **held(seen=[NGAMPEL], hops=3)))
        assert rules(decision) == ["no-way-back", "hop-budget", "lowest-coordinator"]

    def test_the_holder_may_ask_for_a_coordinator(self) -> None:
        decision = blocked(requested(None, convene=True, **held(seen=[NGAMPEL])))
        assert rules(decision) == ["convene-asked", "lowest-coordinator"]
        assert (decision.coordinator, decision.involved) == (CAMAT, (BUJEL, NGAMPEL))

    @pytest.mark.parametrize(
        ("seen", "coordinator"),
        [
            ([], CAMAT),
            ([NGAMPEL], CAMAT),
            (["kelurahan-pojok", "city-of-elsewhere"], CAMAT),
            ([CAMAT], "asisten-pemkesra"),
            (["kelurahan-burengan"], "asisten-pemkesra"),
            (["dinsos"], "asisten-pemkesra"),
            (["dpupr"], "sekda"),
        ],
    )
    def test_the_lowest_coordinator_above_the_offices_decides(self, seen: list[str], coordinator: str) -> None:
        assert blocked(requested(None, convene=True, **held(seen=seen))).coordinator == coordinator


class TestRefused:
    def test_the_office_the_refuser_names_is_asked(self) -> None:
        decision = routed(refused("dpupr", "perkim"))
        assert (decision.receiver, decision.decision) == ("perkim", "redirected")
        assert rules(decision) == ["refuser-named", "within-budget"]

    def test_a_refusal_that_names_the_holder_convenes(self) -> None:
        decision = blocked(refused("dpupr", BUJEL, **held()))
        assert rules(decision) == ["already-holder", "lowest-coordinator"]
        assert (decision.coordinator, decision.involved) == ("sekda", ("dpupr", BUJEL))

    def test_a_refusal_that_names_nobody_convenes(self) -> None:
        assert rules(blocked(refused("dpupr", None))) == ["convene-asked", "lowest-coordinator"]

    def test_the_second_refusal_convenes_whatever_it_names(self) -> None:
        decision = blocked(refused("perkim", "dlhkp", refusals=2, seen=["dpupr", "perkim"]))
        assert rules(decision) == ["second-refusal", "lowest-coordinator"]
        assert (decision.coordinator, decision.involved) == ("asisten-ekbang", ("dlhkp", "dpupr", "perkim"))


def test_an_offer_that_lapsed_convenes() -> None:
    decision = blocked(lapsed(NGAMPEL, **held(seen=[NGAMPEL])))
    assert rules(decision) == ["offer-lapsed", "lowest-coordinator"]
    assert (decision.coordinator, decision.handoff) == (CAMAT, "h-1")


def test_the_second_objection_convenes_and_the_first_does_not() -> None:
    assert decide(reopened(BUJEL, objections=1), directory(KEDIRI), LATER) is None
    decision = blocked(reopened(BUJEL, objections=2))
    assert rules(decision) == ["second-objection", "lowest-coordinator"]
    assert (decision.coordinator, decision.handoff) == (CAMAT, None)


def test_other_events_ask_for_no_decision() -> None:
    closed = event("ticket.closed", {"ticket": stand(status="closed"), "how": "confirmed"}, version=9)
    assert decide(closed, directory(KEDIRI), LATER) is None


class TestElsewhere:
    """The same rules in a city that shares nothing with Kediri."""

    def test_a_category_may_be_without_limit(self) -> None:
        decision = routed(requested("works", category="paths", holder="cove", hops=99, seen=["ridge"]), WATU)
        assert decision.hop_budget is None
        assert rules(decision) == ["asked-for", "no-budget"]

    def test_a_budget_of_nothing_still_reaches_the_first_office(self) -> None:
        first = opened(category="bribes", holder="hall", confidential=True)
        assert routed(first, WATU).receiver == "watch"
        decision = blocked(requested("works", category="bribes", holder="watch", confidential=True), WATU)
        assert (rules(decision)[0], decision.coordinator) == ("hop-budget", "council")

    def test_an_agencys_task(self) -> None:
        assert routed(opened(category="buoys", holder="hall", place="n.1"), WATU).receiver == "cove"
        decision = routed(opened(category="buoys", holder="hall"), WATU)
        assert (decision.receiver, decision.refer) == ("works", "harbour")

    def test_the_offices_between_the_shores(self) -> None:
        decision = blocked(requested("ridge", category="fences", holder="cove", seen=["ridge"]), WATU)
        assert decision.coordinator == "north"
