"""Events, heard over RabbitMQ: each function has a queue of its own, and no message is lost by an error in it."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from marshmallow import ValidationError

from estafet.client.queues import consuming
from estafet.events import CONTRACTS, Contract, Event, Malformed, parse
from estafet.relay.amqp import AmqpTransport
from estafet.relay.amqp_consuming import AmqpConsuming
from estafet.relay.backoff import AWAY, Backoff
from estafet.relay.errors import BrokerAway
from estafet.relay.transport import Incoming

_log = logging.getLogger(__name__)

#: A function failed: four tries, in some seconds. The messages behind wait meanwhile.
TRIES = Backoff(first=0.5, factor=4, longest=30, attempts=4)
#: Seconds between two looks at whether to stop.
_LOOK = 0.5

Handler = TypeVar("Handler", bound=Callable[[Event], object])


@dataclass(frozen=True, slots=True)
class _Ear:
    """A function, the events it is for, and its queue; None: named after the account and the function."""

    function: Callable[[Event], object]
    contracts: tuple[Contract, ...]
    queue: str | None

    def queue_of(self, user: str) -> str:
        return self.queue or f"app-{user}.{self.function.__name__}"


class Listener:
    """Functions that hear events. :data:`listen` is one that is there already.

    A message is acknowledged when its function has returned. One that raises is tried again a few times, within some
    seconds, and then put away in ``<queue>.dead``, as is what cannot be read, or ended its process five times. So
    nothing is lost, and nothing stops the rest. Everything may come twice, and in any order: ``event.source`` and
    ``event.id`` together tell which was handled, ``event.subjectversion`` which of two is the newer.
    """

    def __init__(self, tries: Backoff = TRIES) -> None:
        self._tries = tries
        self._ears: list[_Ear] = []
        self._stopping = threading.Event()

    def __call__(self, *events: str, queue: str | None = None) -> Callable[[Handler], Handler]:
        """Make a function hear ``events``, such as ``handoff.accepted``; it is called with each as an ``Event``.

        Args:
            queue: its name; unless given ``app-<account>.<function>``. The broker lets an app have those that begin
                with ``app-<account>.``. One that nobody listens to any more fills up: have the operator delete it.

        Raises:
            ValueError: there is no such event, or not for other apps.
        """
        contracts = tuple(_contract(name) for name in events)

        def register(function: Handler) -> Handler:
            self._ears.append(_Ear(function, contracts, queue))
            return function

        return register

    def run(self, url: str, *, tls_ca: Path | None = None) -> None:
        """Listen until SIGTERM, Ctrl-C or :meth:`stop`; connect again whenever the broker was away.

        Args:
            url: the broker with the app's account, ``amqp://app:password@host/estafet``.
            tls_ca: file with the authorities that may vouch for the broker; None: those this machine trusts.

        Raises:
            BrokerRefused: the broker says no, and trying again cannot help: it says what has to be changed.
        """
        transport = AmqpTransport(url, tls_ca=tls_ca)
        ears = {ear.queue_of(transport.user): ear for ear in self._ears}
        if len(ears) < len(self._ears) or not ears:
            raise ValueError("Give each function that listens a queue of its own, and have at least one.")
        self._stopping.clear()
        with self._stopped_by_signals():
            self._run(transport, ears)

    def stop(self) -> None:
        """End :meth:`run`, from any thread, when the message in hand is done."""
        self._stopping.set()

    def _run(self, transport: AmqpTransport, ears: dict[str, _Ear]) -> None:
        attempts = 0
        while not self._stopping.is_set():
            try:
                broker = consuming(transport, {queue: ear.contracts for queue, ear in ears.items()})
                attempts = 0
                self._hear(broker, ears)
            except BrokerAway as error:
                attempts += 1
                _log.warning("%s; trying again", error)
                self._stopping.wait(AWAY.seconds(attempts))

    def _hear(self, broker: AmqpConsuming, ears: dict[str, _Ear]) -> None:
        try:
            broker.consume(list(ears), prefetch=1)
            while not self._stopping.is_set():
                for message in broker.collect(1, _LOOK):
                    self._settle(broker, message, ears[message.queue])
        finally:
            broker.give_back()
            broker.close()

    def _settle(self, broker: AmqpConsuming, message: Incoming, ear: _Ear) -> None:
        try:
            event = _read(message, ear)
        except (Malformed, ValidationError) as error:
            _log.error("put into %s.dead: unreadable (%s)", message.queue, type(error).__name__)
            broker.put_away(message)
            return
        if event is None or self._handled(ear, event):
            broker.ack([message])
        elif not self._stopping.is_set():  # else it was not tried to the end, and goes back
            _log.error("put into %s.dead: %s from %s", message.queue, event.id, event.source)
            broker.put_away(message)

    def _handled(self, ear: _Ear, event: Event) -> bool:
        for attempt in range(1, self._tries.attempts + 1):
            try:
                ear.function(event)
                return True
            except Exception as error:
                # What it says may hold what a person wrote.
                _log.warning("%s failed on %s (%s)", ear.function.__name__, event.id, type(error).__name__)
                if attempt < self._tries.attempts and self._stopping.wait(self._tries.seconds(attempt)):
                    return False
        return False

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        """Only the main thread may say what a signal does."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _read(message: Incoming, ear: _Ear) -> Event | None:
    """The event; None: of another name or version, which is for readers that know it."""
    if message.cut_from is not None:
        raise Malformed("", f"{message.cut_from} bytes")
    event = parse(message.body)
    for each in ear.contracts:
        if (each.name, each.version) == (event.name, event.version):
            each.load(event.data)
            return event
    return None


def _contract(name: str) -> Contract:
    """An event other apps may hear, in its first version."""
    public = {each.name: each for each in CONTRACTS if each.public and each.version == 1}
    if name in public:
        return public[name]
    known = ", ".join(sorted(public))
    raise ValueError(f"there is no event {name!r} to listen to; there are {known}")


#: ``@listen("handoff.accepted")`` above a function, then ``listen.run(url)``.
listen = Listener()
