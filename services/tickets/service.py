"""The tickets service: the system of record, its HTTP API, and its ear for what others decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from estafet.events import Event
from estafet.relay.extensions import Relay, Tidying, every, from_settings, subscribe
from estafet.relay.work import Work, Works
from estafet.secretkey import server_key
from estafet.web.probes import Check, Probes
from services.tickets import figures, handlers, idempotency, learning
from services.tickets.api.attachments import Attachments
from services.tickets.api.contracts import Contracts
from services.tickets.api.custody import Custody
from services.tickets.api.desk import Desk
from services.tickets.api.referrals import Referrals
from services.tickets.api.reporter import Reporter
from services.tickets.api.reports import Reports
from services.tickets.board.http import Keeping, PublicBoard
from services.tickets.board.keeping import Boards
from services.tickets.open311.http import Open311
from services.tickets.pages.board import BoardPage
from services.tickets.pages.coordinator.convened import Convened
from services.tickets.pages.coordinator.flows import FlowPages
from services.tickets.pages.coordinator.overdue import OverduePages
from services.tickets.pages.desk.accepting import Accepting
from services.tickets.pages.desk.acts import DeskActs
from services.tickets.pages.desk.entry.account import AccountPage
from services.tickets.pages.desk.entry.city_account import CityAccount
from services.tickets.pages.desk.entry.entrance import entrance_of
from services.tickets.pages.desk.entry.sign_in import SignIn
from services.tickets.pages.desk.lists import Lists
from services.tickets.pages.desk.live import DeskLive
from services.tickets.pages.desk.news import DeskWatchers
from services.tickets.pages.desk.photo_page import DeskPhotoPage
from services.tickets.pages.desk.report import DeskReport
from services.tickets.pages.following import Following
from services.tickets.pages.front import Front
from services.tickets.pages.growing import ReportWatchers
from services.tickets.pages.live import Live, Watching
from services.tickets.pages.photo_page import PhotoPage
from services.tickets.pages.rating import Rating as RatingPage
from services.tickets.pages.replying import Replying
from services.tickets.pages.reporting import Reporting
from services.tickets.pages.watching import Watchers
from services.tickets.rating.http import Rating
from services.tickets.reporters import retention
from services.tickets.signin import sessions, tries


class Api(Reports, Custody, Referrals, Reporter, Rating, Attachments, PublicBoard, Desk, Open311):
    """What programs ask for."""


class Pages(Front, Reporting, Following, Replying, PhotoPage, RatingPage, BoardPage, Live):
    """What citizens look at."""


class DeskPages(
    SignIn,
    CityAccount,
    AccountPage,
    Lists,
    Accepting,
    DeskReport,
    DeskActs,
    DeskPhotoPage,
    DeskLive,
    Convened,
    FlowPages,
    OverduePages,
):
    """What people look at who work for the city."""


class Tickets(Api, Pages, DeskPages, Contracts, Probes, Tidying):
    name = "tickets"
    about = "The system of record: a citizen's report always has exactly one holder."
    # nameko gives each instance what `get_dependency` answers.
    relay = cast(Works, Relay())
    key = from_settings(server_key)
    public_url = from_settings(lambda settings: settings.public_url)
    watchers = cast(Watchers, Watching(ReportWatchers))
    entrance = from_settings(entrance_of)
    desks = cast(Watchers, Watching(DeskWatchers))
    boards = cast(Boards, Keeping())

    @subscribe(prepare=handlers.draw, validate=False)
    def submit(self, event: Event, work: Work) -> None:
        handlers.submit(event, work, self.key)

    @subscribe(prepare=handlers.load)
    def decide(self, event: Event, work: Work) -> None:
        handlers.decide(event, work)

    @subscribe(prepare=handlers.load)
    def clock(self, event: Event, work: Work) -> None:
        handlers.clock(event, work)

    @subscribe(prepare=handlers.load)
    def record(self, event: Event, work: Work) -> None:
        handlers.record(event, work)

    @subscribe()
    def learn(self, event: Event, work: Work) -> None:
        learning.learn(event, work)

    @every(seconds=3600)
    def forget_keys(self) -> None:
        with self.relay.begin() as work:
            idempotency.forget(work.connection, work.now)

    @every(seconds=3600)
    def forget_sessions(self) -> None:
        with self.relay.begin() as work:
            sessions.forget(work.connection, work.now)
            tries.forget(work.connection, work.now)

    @every(seconds=5)
    def measure(self) -> None:
        with self.relay.database.read() as connection:
            figures.measure(connection, self.relay.clock.now())

    @every(seconds=3600)
    def forget_reporters(self) -> None:
        retention.forget(self.relay)

    def readiness(self) -> Mapping[str, Check]:
        return {**super().readiness(), "city": self._check_city}

    def _check_city(self) -> None:
        with self.relay.database.read() as connection:
            learning.needed(connection)
