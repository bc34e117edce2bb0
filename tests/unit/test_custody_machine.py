"""Any sequence of commands by anybody, messages doubled, shuffled and late: after each step the eight rules hold."""

from datetime import timedelta
from inspect import isfunction, signature

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from estafet.events.reasons import reasons_for
from services.tickets import custody
from services.tickets.chain import head_of, verify
from tests.unit.tickets.bus import Bus
from tests.unit.tickets.town import CATEGORIES, DIRECTORY, HOLDERS, OFFICES, PLACES
from tests.unit.tickets.witness import FRONT_DESK, above

offices = st.sampled_from(OFFICES)
holders = st.sampled_from(HOLDERS)
pick = st.integers(0, 10_000)


def _seldom(usual, other):
    """One time in four something else than usual."""
    return st.integers(0, 3).flatmap(lambda n: st.just(usual) if n else other)


COMMANDS = (
    "accept",
    "refuse",
    "request",
    "withdraw",
    "give_back",
    "ask_for_coordinator",
    "assign",
    "pause",
    "resolve",
    "confirm",
    "object_to",
    "refer",
    "answer",
    "consent",
)
#: Those that are given the city's directory.
NEED_DIRECTORY = ("refuse", "request", "give_back", "ask_for_coordinator", "assign", "refer", "consent")


class Custody(RuleBasedStateMachine):
    bus: Bus

    @initialize(
        category=st.sampled_from((*CATEGORIES, "bebas", "lubang", "bebas")),
        place=st.sampled_from(tuple(PLACES)),
        named=_seldom((), st.lists(offices, min_size=1, max_size=2, unique=True).map(tuple)),
        seen=_seldom((), st.lists(holders, min_size=1, max_size=2, unique=True).map(tuple)),
        hops=_seldom(0, st.integers(1, 4)),
        consent=st.sampled_from(((), ("text",), ("text", "name", "contact"))),
    )
    def submit(self, category, place, named, seen, hops, consent):
        self.bus = Bus(
            custody.Report(
                code="CTH-7F3K-92Q",
                category=category,
                place=place,
                named=named,
                seen=seen,
                hops=hops,
                consent=consent,
            )
        )

    # Messages

    @precondition(lambda self: self.status in ("held", "requested", "offered"))
    @rule(steps=st.lists(st.tuples(pick, st.integers(0, 3)), min_size=1, max_size=4))
    def hand_on(self, steps):
        """Ordinary handoffs, request to answer, mostly to offices it has not been to: so reports travel far."""
        for which, refuses in steps:
            fresh = sorted(set(HOLDERS) - self.bus.witness.gone - {self.case.holder}) or HOLDERS
            receiver, other = (fresh[(which + shift) % len(fresh)] for shift in (0, 1))
            self.may(self.case.holder, "request", reason="not-our-task", receiver=receiver)
            self.bus.settle()
            if refuses:
                self.may(self.case.offered_to, "accept")
            else:
                self.may(self.case.offered_to, "refuse", reason="not-our-task", right_office=other)

    @precondition(lambda self: self.bus.pool)
    @rule(which=pick, again=st.integers(0, 3))
    def deliver(self, which, again):
        """Any message that waits, not the oldest; one time in four it stays to come again."""
        body = self.bus.pool[which % len(self.bus.pool)]
        if again:
            self.bus.pool.remove(body)
        self.bus.deliver(body)

    @precondition(lambda self: self.status == "requested")
    @rule()
    def routing_answers(self):
        self.bus.settle()

    @rule(which=pick)
    def deliver_old(self, which):
        self.bus.deliver(self.bus.sent[which % len(self.bus.sent)])

    @precondition(lambda self: self.status == "requested")
    @rule(receiver=offices)
    def routing_fails(self, receiver):
        self.bus.decide_badly(receiver)

    # People who may, at the version that is

    @precondition(lambda self: self.status == "offered")
    @rule()
    def accept(self):
        assert self.may(self.case.offered_to, "accept"), "who was asked can accept"

    @precondition(lambda self: self.status == "offered")
    @rule(right=st.none() | offices, reason=st.sampled_from(reasons_for("refuse")))
    def refuse(self, right, reason):
        by = self.case.offered_to
        allowed = self.may(by, "refuse", reason=reason, right_office=right)
        assert allowed == (right is None or self._possible(right, by)), "who was asked can refuse, and says whose it is"

    @precondition(lambda self: self.status == "held" and not self.bus.witness.bound_by)
    @rule(receiver=st.none() | offices, convene=st.integers(0, 4))
    def request(self, receiver, convene):
        receiver = receiver if convene else None
        by = self.case.holder
        allowed = self.may(by, "request", reason="not-our-task", receiver=receiver, convene=not convene)
        assert allowed == (receiver is None or self._possible(receiver, by)), "an unbound holder can ask"

    @precondition(lambda self: self.status in ("requested", "offered"))
    @rule()
    def withdraw(self):
        self.may(self.case.holder, "withdraw")

    @precondition(lambda self: self.status == "held" and self.bus.witness.bound_by)
    @rule()
    def give_back(self):
        assert self.may(self.case.holder, "give_back", reason="new-facts", words="Tanahnya milik provinsi."), (
            "who is bound can return it"
        )

    @precondition(lambda self: self.status == "held")
    @rule(days=st.integers(0, 30))
    def pause(self, days):
        until, deadline = self.bus.now + timedelta(days=days), self.bus.witness.resolve_by
        allowed = self.may(self.case.holder, "pause", reason="weather", until=until)
        assert allowed == (days > 0 and (deadline is None or until <= deadline)), "the citizen's deadline caps a pause"

    @precondition(lambda self: self.status == "convened")
    @rule(receiver=offices, which=pick)
    def assign(self, receiver, which):
        self._assign(self.case.coordinator, receiver, which)

    @precondition(lambda self: self.status in ("held", "requested", "offered"))
    @rule(receiver=offices, which=pick, seldom=st.integers(0, 9))
    def step_in(self, receiver, which, seldom):
        """A leader assigns what is before no coordinator."""
        if not seldom:
            self._assign(self.bus.witness.bound_by, receiver, which)

    @precondition(lambda self: self.status in ("held", "requested", "offered"))
    @rule(reason=st.sampled_from((*reasons_for("resolve"), "weather")))
    def resolve(self, reason):
        witness = self.bus.witness
        hindered = bool(witness.open_referrals) or witness.awaited == "reopened" or reason == "weather"
        assert self.may(self.case.holder, "resolve", reason=reason) != hindered, "the holder can resolve it"

    @precondition(lambda self: self.status == "resolved")
    @rule(content=st.integers(0, 4))
    def reporter_answers(self, content):
        assert self.may(None, "object_to" if content else "confirm"), "the reporter has the last word"

    @precondition(lambda self: self.status not in ("resolved", "closed") and self.case.confidential)
    @rule(which=pick, outcome=st.sampled_from(("received", "settled", "declined")))
    def refer(self, which, outcome):
        """A referral, and then its answer."""
        waiting = sorted(self.bus.witness.open_referrals)
        if waiting:
            assert self.may(self.case.holder, "answer", referral=waiting[which % len(waiting)], outcome=outcome)
        else:
            allowed = self.may(self.case.holder, "refer", agency="wasit")
            assert allowed or not {"text", "name"} & set(self.case.consent) or "wasit" in self.case.named

    # Anybody, anything, at any version

    @rule(
        command=st.sampled_from(COMMANDS),
        by=st.none() | offices,
        back=st.none() | st.integers(0, 3),
        office=offices,
        reason=st.sampled_from(("not-our-task", "competent-office", "fixed", "new-facts", "weather", "no-such-reason")),
    )
    def anybody(self, command, by, back, office, reason):
        version = None if back is None else self.case.version - back
        self.bus.act(by, version, lambda act: self._run(command, act, **_arguments(command, office, reason, act)))

    @precondition(lambda self: self.status != "closed")
    @rule(by=st.none() | offices, public=st.booleans(), fields=st.lists(st.sampled_from(("name", "text")), unique=True))
    def note_or_consent(self, by, public, fields):
        assert self.bus.act(by, None, lambda act: custody.note(self.case, act, public=public))
        assert self.may(None, "consent", fields=tuple(fields))

    # What must hold, whatever happened

    @invariant()
    def one_holder(self):
        case = self.case
        assert case.holder in (*HOLDERS, FRONT_DESK), "rule 1"
        assert case.holder == self.bus.witness.holder, "rule 1: nobody but the events moves it"
        assert case.guardian == self.bus.witness.guardian, "rule 1"

    @invariant()
    def case_says_what_the_events_say(self):
        case, witness = self.case, self.bus.witness
        assert case.status == witness.status
        assert case.version == witness.version
        assert case.offered_to == witness.offer, "rule 2"
        assert case.bound_by == witness.bound_by, "rule 5"
        assert case.coordinator == witness.coordinator, "rule 5"
        assert case.resolve_by == witness.resolve_by, "rule 6"

    def teardown(self):
        """Nobody waits for nothing: with all messages handled it is always somebody's turn. And the chain is whole."""
        if not hasattr(self, "bus"):
            return
        self.bus.settle()
        self.case_says_what_the_events_say()
        assert self.status != "requested", "rules 3 and 5: a report does not stand still between offices"
        assert verify(self.bus.chain, head_of(self.bus.chain[-1])) is None

    # Helpers

    def _assign(self, decides, receiver, which):
        ladder = [decides, *above(decides)] if decides else above(self.case.holder)
        by = ladder[which % len(ladder)]
        allowed = self.may(by, "assign", receiver=receiver, reason="competent-office")
        assert allowed == (self._possible(receiver) and by not in self.case.named), "who decides can assign"

    def _possible(self, office, *but):
        """Whether an office can be asked for at all."""
        return office in HOLDERS and office not in (*self.case.named, *but)

    @property
    def case(self):
        return self.bus.case

    @property
    def status(self):
        return self.bus.witness.status

    def may(self, by, command, **arguments):
        return self.bus.act(by, self.case.version, lambda act: self._run(command, act, **arguments))

    def _run(self, command, act, **arguments):
        needs_directory = command in NEED_DIRECTORY
        positional = (DIRECTORY,) if needs_directory else ()
        return getattr(custody, command)(self.case, act, *positional, **arguments)


def _arguments(command, office, reason, act):
    return {
        "refuse": {"reason": reason, "right_office": office},
        "request": {"reason": reason, "receiver": office},
        "give_back": {"reason": reason},
        "ask_for_coordinator": {"reason": reason},
        "assign": {"reason": reason, "receiver": office},
        "pause": {"reason": reason, "until": act.now + timedelta(days=1)},
        "resolve": {"reason": reason},
        "refer": {"agency": office},
        "answer": {"referral": "no-such-referral", "outcome": "settled"},
        "consent": {"fields": ("text",)},
    }.get(command, {})


def test_every_act_of_a_person_is_tried():
    rules = {name: rule for name in custody.__all__ if isfunction(rule := getattr(custody, name))}
    acts = {name for name, rule in rules.items() if "act" in signature(rule).parameters}
    assert acts == {*COMMANDS, "note"}, "a new act belongs into COMMANDS and _arguments above"


TestCustody = Custody.TestCase
TestCustody.settings = settings(
    max_examples=1000, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
#: Under a minute on a free core; a busy machine may take longer.
TestCustody.pytestmark = [pytest.mark.timeout(900)]
