"""A broker that does all that a broker may do: keep, double, delay and reorder messages, and lose connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from estafet.events import CONTRACTS
from estafet.relay.errors import BrokerAway
from estafet.relay.topology import queues_of
from estafet.relay.transport import Features, Incoming, Outcome, Outgoing
from tests.simulation.perils import Perils

_QUEUES = {(each.exchange, each.name): each.queues for each in CONTRACTS}


@dataclass(frozen=True)
class Parcel:
    """A message in a queue."""

    queue: str
    body: bytes
    label: str
    redelivered: bool = False
    #: The step before which it does not arrive.
    not_before: int = 0

    def until(self, step: int) -> Parcel:
        return replace(self, not_before=step)


class Broker:
    features = Features(persistent=True, returns=True, delivery_limit=False, vouches=False)

    def __init__(self, perils: Perils) -> None:
        self.perils = perils
        self._service_of = {q: s for s in ("tickets", "routing", "notify") for q in queues_of(s)}
        #: Told what is acknowledged, before it is gone.
        self.on_ack: Callable[[str, Sequence[Incoming]], None] = lambda service, messages: None
        self.empty()

    def empty(self) -> None:
        self._tags = count(1)
        self.waiting: dict[str, list[Parcel]] = {"tickets": [], "routing": [], "notify": []}
        self.taken: dict[str, dict[int, Parcel]] = {"tickets": {}, "routing": {}, "notify": {}}
        #: Ids of events that the broker has, or had.
        self.known: set[str] = set()

    def put(self, exchange: str, name: str, body: bytes, label: str) -> bool:
        """Into every queue that is bound; answers whether one is."""
        queues = _QUEUES[exchange, name]
        for queue in queues:
            self.waiting[self._service_of[queue]].append(Parcel(queue, body, label))
        return bool(queues)

    def take(self, service: str, parcels: Sequence[Parcel]) -> list[Incoming]:
        messages = []
        for parcel in parcels:
            self.waiting[service].remove(parcel)
            tag = next(self._tags)
            self.taken[service][tag] = parcel
            messages.append(Incoming(tag, parcel.queue, parcel.body, parcel.redelivered))
        return messages

    def give_back(self, service: str) -> None:
        """What was taken and not acknowledged comes again, from the front."""
        back = [replace(parcel, redelivered=True) for parcel in self.taken[service].values()]
        self.waiting[service][:0] = back
        self.taken[service].clear()

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
            if not self._broker.put(each.exchange, each.name, each.body, f"{each.name} {each.id[4:13]}"):
                returned.add(each.id)
        return frozenset(returned)

    def idle(self) -> None:
        """Nothing to keep alive."""

    def quiet(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing to close."""


class Consuming:
    def __init__(self, broker: Broker, service: str) -> None:
        self._broker = broker
        self._service = service

    def ack(self, messages: Sequence[Incoming]) -> None:
        self._broker.on_ack(self._service, messages)
        self._broker.perils.pass_by("before the ack")
        if self._broker.perils.strikes("cut before the ack"):
            raise BrokerAway("cut before the ack")
        for message in messages:
            self._broker.taken[self._service].pop(message.tag)
        self._broker.perils.pass_by("after the ack")

    def give_back(self) -> None:
        self._broker.give_back(self._service)

    def get(self, queue: str) -> Incoming | None:
        return None  # the scheduler decides what comes

    def consume(self, queues: Sequence[str], prefetch: int) -> None:
        """Nothing is sent ahead."""

    def collect(self, limit: int, seconds: float) -> list[Incoming]:
        return []

    def close(self) -> None:
        self.give_back()
