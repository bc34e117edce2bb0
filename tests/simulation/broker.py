"""A broker that does all that a broker may do: keep, double, delay and reorder messages, lose connections, and put
away what was delivered too often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from estafet.events import CONTRACTS
from estafet.events.topology import dead_queue, queues_of
from estafet.relay.errors import BrokerAway
from estafet.relay.transport import Features, Incoming, Outcome, Outgoing
from tests.simulation.perils import Perils

SERVICES = ("tickets", "routing", "notify")
#: So often a message comes again before it is put away. Few, so that it happens.
DELIVERY_LIMIT = 3
_QUEUES = {(each.exchange, each.name): each.queues for each in CONTRACTS}
_SERVICE_OF = {queue: service for service in SERVICES for queue in queues_of(service)}


@dataclass(frozen=True)
class Parcel:
    """A message in a queue."""

    queue: str
    body: bytes
    label: str
    #: How often it was handed over and came back.
    returns: int = 0
    #: The step before which it does not arrive.
    not_before: int = 0
    died_in: str | None = None

    def until(self, step: int) -> Parcel:
        return replace(self, not_before=step)

    def back(self) -> Parcel:
        return replace(self, returns=self.returns + 1)


class Broker:
    features = Features(persistent=True, delivery_limit=True)

    def __init__(self, perils: Perils) -> None:
        self.perils = perils
        #: Told what is acknowledged, before it is gone.
        self.on_ack: Callable[[str, Sequence[Incoming]], None] = lambda service, messages: None
        self.empty()

    def empty(self) -> None:
        self.tags = count(1)
        self.waiting: dict[str, list[Parcel]] = {service: [] for service in SERVICES}
        #: What passed the delivery limit.
        self.dead: dict[str, list[Parcel]] = {service: [] for service in SERVICES}
        #: What is handed over and not acknowledged, of all connections.
        self.in_hand: dict[str, int] = dict.fromkeys(SERVICES, 0)
        #: Ids of events that the broker has, or had.
        self.known: set[str] = set()
        #: The step before which a message of this name does not arrive.
        self.lateness: Callable[[str], int] = lambda name: 0

    def put(self, exchange: str, name: str, body: bytes, label: str) -> bool:
        """Into every queue that is bound; answers whether one is."""
        queues = _QUEUES[exchange, name]
        for queue in queues:
            self.waiting[_SERVICE_OF[queue]].append(Parcel(queue, body, label, not_before=self.lateness(name)))
        return bool(queues)

    def take_back(self, service: str, parcels: Sequence[Parcel]) -> None:
        """To the front; what came back too often is put away."""
        again = [parcel.back() for parcel in parcels if parcel.died_in is None]
        self.waiting[service][:0] = [parcel for parcel in again if parcel.returns <= DELIVERY_LIMIT]
        over = [parcel for parcel in again if parcel.returns > DELIVERY_LIMIT]
        buried = [replace(parcel, queue=dead_queue(service), died_in=parcel.queue) for parcel in over]
        unburied = [parcel for parcel in parcels if parcel.died_in is not None]
        self.dead[service] = [*unburied, *self.dead[service], *buried]

    # Of the transport

    def publishing(self, service: str) -> Publishing:
        return Publishing(self)

    def consuming(self, service: str, queues: Sequence[str]) -> Consuming:
        return Consuming(self, service)


class Publishing:
    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def publish(self, window: Sequence[Outgoing], seconds: float) -> Outcome:
        perils = self._broker.perils
        perils.pass_by("before the publish")
        if perils.strikes("cut before the publish"):
            raise BrokerAway("cut before anything left")
        half = len(window) // 2
        returned = self._send(window[:half])
        perils.pass_by("amid the publish")
        if perils.strikes("cut amid the publish"):
            return Outcome(frozenset(each.id for each in window[:half]), returned)
        returned |= self._send(window[half:])
        perils.pass_by("after the publish")
        if perils.strikes("cut after the publish"):
            raise BrokerAway("cut before the confirms came")
        return Outcome(frozenset(each.id for each in window), returned)

    def _send(self, some: Sequence[Outgoing]) -> frozenset[str]:
        returned = set()
        for each in some:
            self._broker.known.add(each.id)
            if (
                not self._broker.put(each.exchange, each.name, each.body, f"{each.name} {each.id[4:13]}")
                and each.needed
            ):
                returned.add(each.id)
        return frozenset(returned)

    def idle(self) -> None:
        """Nothing to keep alive."""

    def quiet(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to close."""


class Consuming:
    """A connection. The broker may end it while its process is at work, and hand what it held to another."""

    def __init__(self, broker: Broker, service: str) -> None:
        self._broker = broker
        self._service = service
        self._taken: dict[int, Parcel] = {}
        self._is_open = True

    def take(self, parcels: Sequence[Parcel]) -> list[Incoming]:
        for parcel in parcels:
            self._broker.waiting[self._service].remove(parcel)
        return [self._hand_over(parcel) for parcel in parcels]

    def _hand_over(self, parcel: Parcel) -> Incoming:
        tag = next(self._broker.tags)
        self._taken[tag] = parcel
        self._broker.in_hand[self._service] += 1
        return Incoming(tag, parcel.queue, parcel.body, bool(parcel.returns), died_in=parcel.died_in)

    def ack(self, messages: Sequence[Incoming]) -> None:
        self._broker.on_ack(self._service, messages)
        self._broker.perils.pass_by("before the ack")
        if not self._is_open or self._broker.perils.strikes("cut before the ack"):
            raise BrokerAway("cut before the ack")
        for message in messages:
            self._taken.pop(message.tag)
        self._broker.in_hand[self._service] -= len(messages)
        self._broker.perils.pass_by("after the ack")

    def give_back(self) -> None:
        """What was taken and not acknowledged comes again."""
        self._broker.take_back(self._service, list(self._taken.values()))
        self._broker.in_hand[self._service] -= len(self._taken)
        self._taken.clear()

    def get(self, queue: str) -> Incoming | None:
        """Of the dead queue alone: what else comes, and when, is the scheduler's to decide."""
        dead = self._broker.dead[self._service]
        return self._hand_over(dead.pop(0)) if dead and queue == dead_queue(self._service) else None

    def consume(self, queues: Sequence[str], prefetch: int) -> None:
        """Nothing is sent ahead."""

    def collect(self, limit: int, seconds: float) -> list[Incoming]:
        return []

    def close(self) -> None:
        self._is_open = False
        self.give_back()
