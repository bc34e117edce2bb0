"""The three services, their broker, their mail server and their clock. Made once, put back for each seed."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache

from estafet.events import Malformed, parse
from estafet.relay.work import Works
from services.notify.sending.sender import Sender
from services.notify.service import Notify
from services.routing.city import loading
from services.routing.service import Routing
from services.tickets import learning
from services.tickets.access import tokens
from services.tickets.service import Tickets
from tests.cities import WATU, city
from tests.simulation.broker import Broker, Parcel
from tests.simulation.databases import FragileDatabase, stored
from tests.simulation.ground import START, Chance, Clock, solid
from tests.simulation.mail import Counterpart, Mail
from tests.simulation.perils import Perils
from tests.simulation.replica import Replica
from tests.simulation.station import Station
from tests.unit.tickets.witness import Town

KEY = b"the key of a simulated world"
_CITY = city(WATU)
OFFICES = tuple(office.code for office in _CITY.offices)
COORDINATORS = tuple(office.code for office in _CITY.offices if office.kind == "coordinator")
CATEGORIES = tuple(service.code for service in _CITY.services)
AREAS = tuple(area.code for area in _CITY.areas)
TOWN = Town(
    holders=tuple(office.code for office in _CITY.offices if office.can_hold),
    parents={office.code: office.parent for office in _CITY.offices},
    budgets={service.code: service.hop_budget for service in _CITY.services},
    front_desk=_CITY.front_desk,
)
# Whose claim has run out is the sender's to say: a fault in that would not be seen otherwise.
_TO_SEND = "select 1 from deliveries where state = 'created' and next_attempt <= ? or state = 'sending' limit 1"


class World:
    def __init__(self) -> None:
        self.clock = Clock()
        self.chance = Chance()
        self.perils = Perils()
        self.broker = Broker(self.perils)
        self.mail = Mail(self.perils)
        with solid(self.chance):
            self.tickets = self._station(Tickets, key=lambda works: KEY)
            self.routing = self._station(Routing)
            self.notify = self._station(Notify, sender=self._sender)
            self.stations = {each.name: each for each in (self.tickets, self.routing, self.notify)}
            self._found_the_city()

    def restart(self, seed: int) -> None:
        """As it was when the city had just been loaded."""
        self.clock.time = START
        self.chance.restart(seed)
        self.perils.disarm()
        for station in self.stations.values():
            station.restart()
        self.broker.empty()
        self.mail.restart(self.mail.fate)

    def crash(self, replica: Replica) -> None:
        """What the process knew is gone, what modules of it remembered too."""
        self.gave_up(replica)
        replica.crash()
        learning._parsed.pop(replica.database.engine, None)

    def gave_up(self, replica: Replica) -> None:
        """What this process sent and has not written down may be sent again by whoever comes next."""
        if replica.name != "notify":
            return
        under_way = {id for (id,) in self.notify.database.rows("select id from deliveries where state = 'sending'")}
        sent = replica.service.sender._channels["email"].sent
        self.mail.excused.update(under_way & set(sent))
        sent.clear()

    def send(self, replica: Replica) -> bool:
        """One look of a sender; answers whether there was something. It is spared where there is nothing."""
        if not self.notify.database.rows(_TO_SEND, stored(self.clock.time)):
            return False
        tried = replica.look(replica.service.sender.run)
        if tried is None:
            self.gave_up(replica)
        return tried != 0

    def poison(self, parcel: Parcel, times: int) -> str | None:
        """Let a message kill those who handle it; nonsense has no id to know it by."""
        try:
            id = parse(parcel.body).id
        except Malformed:
            return None
        self.stations[parcel.queue.partition("--")[2].partition(".")[0]].deadly[id] = times
        return f"kills who handles it, {times} times"

    def token(self, role: str, office: str) -> str:
        return self._tokens[role, office]

    def _station(self, kind: type, **given: Callable[[Works], object]) -> Station:
        name: str = kind.name  # type: ignore[attr-defined]
        return Station(kind, FragileDatabase(name, self.perils), self.broker, self.clock, **given)

    def _sender(self, works: Works) -> Sender:
        return Sender(
            works, Counterpart(self.mail), "http://simulated.invalid", monotonic=lambda: 0.0, pause=lambda _: None
        )

    def _found_the_city(self) -> None:
        """The city is loaded, its directory known to all, and every office has its tokens."""
        loading.load(self.routing.replicas[0].works, _CITY)
        self.routing.replicas[0].publish()
        for station in (self.tickets, self.notify):
            station.replicas[0].deliver(list(self.broker.waiting[station.name]))
        with self.tickets.database.begin() as connection:
            self._tokens = {
                (role, office): tokens.issue(connection, role, office, "simulated", START)[0]
                for role in ("officer", "coordinator")
                for office in OFFICES
            }
        for station in self.stations.values():
            station.database.keep()


@cache
def the_world() -> World:
    """One for the whole process: making it takes longer than playing many seeds in it."""
    world = World()
    gc.freeze()  # it stays: to look through it for garbage again and again would be for nothing
    return world
