"""Quiet hours, digests and no old news after newer, under a simulated clock, whatever happens in whatever order.

Events come shuffled and doubled, letters fail for now or for good, senders die, preferences change, and while one
sender is at a letter, another one runs.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from estafet.events import Event
from estafet.relay.database import connect
from estafet.relay.migrate import upgrade
from estafet.relay.work import Works
from services.notify.channels.channel import SENT, Fate, Letter, Outcome, Post
from services.notify.messages import DIGEST, REPORTER
from services.notify.preferences import preferring
from services.notify.preferences.preference import CITIZEN, Preference, Quiet, over, wish_of
from services.notify.sending.overtaking import ASIDE
from services.notify.sending.sender import Sender
from services.notify.sending.timing import ANSWERED_BY, is_urgent
from services.notify.states import ENDED
from services.notify.tables import deliveries as table
from tests.integration.notify.conftest import Hands, arrive_all, event
from tests.unit.notify.samples import ticket

ZONE = ZoneInfo("Asia/Jakarta")
CODES = ("TRT-1", "TRT-2", "TRT-3")
CATEGORIES = {"TRT-1": "road", "TRT-2": "fire", "TRT-3": "bribe"}
#: One has both, one an email address, one a telephone.
CONTACTS: dict[str, dict[str, Any]] = {
    "TRT-1": {"phone": "0812 3456 7890"},
    "TRT-2": {},
    "TRT-3": {"email": None, "phone": "0812 3456 7891"},
}
#: The life of a report, an event a version.
STORY = (
    ("ticket.opened", {"holder": "desk"}),
    ("handoff.offered", {"holder": "mill", "status": "offered"}),
    ("handoff.accepted", {"holder": "lake"}),
    ("note.added", {"holder": "lake"}),
    ("handoff.refused", {"holder": "lake"}),
    ("ticket.convened", {"holder": "lake", "status": "convened", "coordinator": "north"}),
    ("ticket.assigned", {"holder": "roads", "coordinator": "north"}),
    ("ticket.resolved", {"holder": "roads", "status": "resolved"}),
    ("ticket.closed", {"holder": "roads", "status": "closed"}),
)
WISHES = (
    Preference(),
    CITIZEN,
    Preference(channel="sms", quiet=Quiet(time(21), time(6))),
    Preference(digest=time(7)),
    Preference(digest=time(23), quiet=Quiet(time(22), time(5))),
    Preference(quiet=Quiet(time(12), time(13))),
)
OUTCOMES = (SENT, SENT, SENT, Outcome(Fate.LATER, "smtp-451"), Outcome(Fate.FAILED, "smtp-550"))


@pytest.fixture(scope="module", autouse=True)
def empty() -> Iterator[None]:
    """A migrated database, to begin each story with a copy of."""
    with TemporaryDirectory() as folder:
        Town.empty = Path(folder) / "empty.sqlite"
        upgrade("notify", f"sqlite:///{Town.empty}")
        yield


class Dies(BaseException):
    """A sender is killed."""


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery whose letter the mail server took."""

    id: str
    recipient: str
    ticket: str
    template: str
    version: int
    at: datetime
    letter: str


class Post_:
    """A channel that notes what is told, does as it is bid, and lets another sender run meanwhile."""

    name = "email"
    few = 3

    def __init__(self, town: Town, other: Post_ | None = None) -> None:
        self.town = town
        self.sender = Sender(town.works, self, "https://lapor.tirtajaya.example", [Texts(self)], batch=7)
        self.other = other

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        """There are no copies."""

    @contextmanager
    def open(self) -> Iterator[Post]:
        yield self._post

    def _post(self, letter: Letter) -> Outcome:
        town = self.town
        if self.other:
            self.other.run()
        outcome = town.outcomes.pop() if town.outcomes else SENT
        if outcome is SENT:
            try:
                town.took(letter)
            except AssertionError as error:  # a sender lives through whatever a channel raises
                town.violations.append(error)
        if town.deaths:
            town.deaths -= 1
            raise Dies
        return outcome

    def run(self) -> None:
        try:
            self.sender.run()
        except Dies:
            self.town.died = True


class Texts:
    """The telephone's channel beside it."""

    name = "sms"
    few = 3

    def __init__(self, post: Post_) -> None:
        self.open = post.open
        self.forget = post.forget


class Town(RuleBasedStateMachine):
    empty: Path

    @initialize(office=st.sampled_from(WISHES), reporters=st.sampled_from(WISHES))
    def begin(self, office: Preference, reporters: Preference) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "notify.sqlite"
        shutil.copy(self.empty, path)
        self.clock = Hands()
        self.works = Works("notify", connect(f"sqlite:///{path}"), self.clock)
        self.outcomes: list[Outcome] = []
        self.deaths, self.died = 0, False
        self.told: list[Told] = []
        self.violations: list[AssertionError] = []
        self.wishes: dict[str, Preference] = {}
        self.unheard = [(code, at) for code in CODES for at in range(len(STORY))]
        self.one = Post_(self, other=Post_(self))
        arrive_all(self.works, [event("directory.published", "e-0")])
        arrive_all(self.works, [event("reporter.given", f"g-{code}", code=code, **CONTACTS[code]) for code in CODES])
        for name, wish in (("lake", office), (REPORTER, reporters)):
            self.prefer(name, wish)

    @rule(picks=st.lists(st.integers(0, 99), min_size=1, max_size=5))
    def hear(self, picks: list[int]) -> None:
        """Events come, in any order, each twice."""
        some = [self.unheard.pop(pick % len(self.unheard)) for pick in picks if self.unheard]
        events = [self._event(code, at) for code, at in some]
        arrive_all(self.works, [*events, *reversed(events)])

    @rule(minutes=st.sampled_from((1, 10, 60, 300, 700)))
    def wait(self, minutes: int) -> None:
        self.clock.forward(timedelta(minutes=minutes))

    @rule(outcomes=st.lists(st.sampled_from(OUTCOMES), max_size=6), deaths=st.sampled_from((0, 0, 0, 1)))
    def send(self, outcomes: list[Outcome], deaths: int) -> None:
        self.outcomes, self.deaths = outcomes, deaths
        self.one.run()
        self.outcomes, self.deaths = [], 0
        self.check()

    @rule(name=st.sampled_from(("lake", REPORTER, "TRT-1")), wish=st.sampled_from(WISHES))
    def prefer(self, name: str, wish: Preference) -> None:
        self.wishes[name] = wish
        with self.works.begin() as work:
            preferring.keep(work.connection, name, wish, work.now)

    def check(self) -> None:
        if self.violations:
            raise self.violations[0]

    def took(self, letter: Letter) -> None:
        """Which deliveries a letter tells: its own, or what is in the digest."""
        with self.works.database.read() as connection:
            [own] = connection.execute(select(table).where(table.c.id == letter.id))
            inside = select(table).where(table.c.digest == letter.id, table.c.state == "created")
            rows = list(connection.execute(inside)) if own.template == DIGEST else [own]
        now = self.clock.now()
        self.told += [
            Told(row.id, row.recipient, row.ticket, row.template, row.version, now, letter.id) for row in rows
        ]
        self._not_at_night(own, letter.channel)
        self._no_old_news(rows)

    def _not_at_night(self, own: Any, channel: str) -> None:
        quiet = over(channel, wish_of(own.recipient, own.ticket, self.wishes)).quiet
        hour = self.clock.now().astimezone(ZONE).time()
        if quiet is None or hour not in quiet:
            return
        assert own.template != DIGEST, "a digest at night"
        urgent = is_urgent(own.template, emergency=own.category == "fire")
        assert urgent or own.template in ANSWERED_BY, f"{own.template} at {hour} to {own.recipient}"

    def _no_old_news(self, rows: list[Any]) -> None:
        for row in rows:
            before = [
                each.version
                for each in self.told
                if (each.recipient, each.ticket) == (row.recipient, row.ticket)
                and each.template not in ASIDE
                and each.letter != (row.digest or row.id)
            ]
            if row.template not in ASIDE:
                assert row.version >= max(before, default=0), f"{row.template} {row.version} after {max(before)}"

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        self.outcomes, self.deaths = [], 0
        self.hear([0] * len(self.unheard))
        for _ in range(30):
            self.one.run()
            self.clock.forward(timedelta(hours=2))
        self.check()
        self._all_ended()
        self.works.database.engine.dispose()
        self.folder.cleanup()

    def _all_ended(self) -> None:
        with self.works.database.read() as connection:
            rows = list(connection.execute(select(table)))
        told = Counter(each.id for each in self.told)
        for row in rows:
            assert row.state in ENDED, f"{row.template} is {row.state}"
            if row.template == DIGEST:
                continue
            if row.template in ASIDE:
                assert row.state != "superseded"
            if not self.died:
                assert told[row.id] == (row.state == "sent"), f"{row.template}: {row.state}, told {told[row.id]} times"
        facts = Counter((row.event_id, row.recipient) for row in rows if row.template != DIGEST)
        assert set(facts.values()) == {1}

    def _event(self, code: str, at: int) -> Event:
        name, standing = STORY[at]
        now = ticket(category=CATEGORIES[code], confidential=code == "TRT-3", **cast(dict[str, Any], standing))
        given = {"accept_by": datetime(2026, 12, 1, 1, tzinfo=UTC)}
        return event(name, f"{code}-{at}", at + 1, code=code, ticket=now, **given)


TestTown = Town.TestCase
TestTown.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
