"""The relay as nameko extensions. Only here, in :mod:`.watch`, and where services are started, are they known."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

import eventlet
from nameko.containers import ServiceContainer, WorkerContext
from nameko.extensions import DependencyProvider, Entrypoint, SharedExtension

from estafet.relay import certificates, metrics, watch
from estafet.relay.consumer import Consumer
from estafet.relay.database import connect
from estafet.relay.hold import Hold
from estafet.relay.publisher import Publisher
from estafet.relay.receiver import Receiver
from estafet.relay.retries import Retries
from estafet.relay.subscription import Prepare, Subscription
from estafet.relay.tidying import tidy
from estafet.relay.tracing import exporting
from estafet.relay.transport import Transport
from estafet.relay.work import Works
from estafet.settings import Settings

T = TypeVar("T")
Method = TypeVar("Method", bound=Callable[..., Any])

_log = logging.getLogger(__name__)

#: Seconds that what is in hand may take when the service ends.
GRACE = 10


def settings_of(container: ServiceContainer) -> Settings:
    """The settings the runner gave to a service."""
    settings: Settings = container.config["ESTAFET"]
    return settings


def transport_of(settings: Settings) -> Transport:
    """The broker the settings name."""
    if settings.embedded:
        from estafet.relay.memory import MemoryTransport

        return MemoryTransport()
    from estafet.relay.amqp import AmqpTransport

    return AmqpTransport(settings.amqp_uri, tls_ca=settings.tls_ca)


class Engine(SharedExtension):
    """One per service: its database, publisher, consumer and retries. ``setup`` touches neither broker nor database."""

    container: Any

    def __init__(self) -> None:
        self._subscriptions: list[Subscribe] = []
        self._threads: list[Any] = []
        self._stop = threading.Event()
        self._publishing: Any = None

    def setup(self) -> None:
        settings, service = settings_of(self.container), self.container.service_name
        self._transport = transport_of(settings)
        tracing = exporting(service, settings.otlp_endpoint)
        self.works = Works(service, connect(settings.database(service)), tracing=tracing)
        self._publisher = Publisher(self.works, self._transport)
        self._hold = Hold(service, self.works.database, self._stop)
        self._peers, self._tls_ca = certificates.peers_of(settings, service), settings.tls_ca

    def register(self, entrypoint: Subscribe) -> None:
        self._subscriptions.append(entrypoint)

    def start(self) -> None:
        service = self.container.service_name
        subscriptions = [each.subscription() for each in self._subscriptions]
        receiver = Receiver(self.works, subscriptions, self._hold, watch.limit)
        consumer = Consumer(service, subscriptions, self._transport, receiver, self._stop)
        self.works.is_connected = lambda: consumer.connected
        self._retries = Retries(self.works, receiver, self._hold, self._stop)
        spawn = self.container.spawn_managed_thread
        self._threads = [spawn(consumer.run, f"{service} consumer"), spawn(self._retries.run, f"{service} retries")]
        if self._peers:
            spawn(partial(certificates.watch, self._peers, self._tls_ca, self._stop), f"{service} certificates")
        self._publishing = spawn(self._publisher.run, f"{service} publisher")

    def stop_consuming(self) -> None:
        """Finish what is in hand and give the rest back. Called when the entrypoints stop; again does nothing."""
        self._stop.set()
        if self._threads:
            self._retries.wake()
        threads, self._threads = self._threads, []
        _join(threads)

    def stop(self) -> None:
        """The last to stop: what handlers committed is still published."""
        self.stop_consuming()
        self._publisher.stop()
        _join([self._publishing] if self._publishing else [])
        if self.works.tracing is not None:
            self.works.tracing.stop()
        self.works.database.engine.dispose()

    def kill(self) -> None:
        self._stop.set()


def from_settings(read: Callable[[Settings], T]) -> T:
    """For a service's class: each instance has what ``read`` makes of the settings.

    It is made once, before anything starts: what it raises stops the process.
    """
    return cast(T, _FromSettings(read))  # nameko puts what `get_dependency` answers in its place


class _FromSettings(DependencyProvider):
    container: Any

    def __init__(self, read: Callable[[Settings], Any]) -> None:
        self._read = read

    def setup(self) -> None:
        self._value = self._read(settings_of(self.container))

    def get_dependency(self, worker_ctx: WorkerContext) -> Any:
        return self._value


class Relay(DependencyProvider):
    """Gives a service its :class:`~estafet.relay.work.Works`."""

    engine = Engine()

    def get_dependency(self, worker_ctx: WorkerContext) -> Works:
        works: Works = self.engine.works
        return works


class Subscribe(Entrypoint):
    """The entrypoint behind :func:`subscribe`."""

    container: Any
    method_name: Any
    engine = Engine()

    def __init__(self, prepare: Prepare | None = None, validate: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._prepare = prepare
        self._validate = validate

    def setup(self) -> None:
        self.engine.register(self)

    def stop(self) -> None:
        self.engine.stop_consuming()

    def subscription(self) -> Subscription:
        """The method as a subscription, on an instance of the service that has its dependencies.

        Raises:
            ValueError: no contract lists the method.
        """
        name = f"{self.container.service_name}.{self.method_name}"
        service = self.container.service_cls()
        context = WorkerContext(self.container, service, self)
        for provider in self.container.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(context))
        subscription = Subscription(name, getattr(service, self.method_name), self._prepare, self._validate)
        if not subscription.queues:
            raise ValueError(f"no contract lists {name} as a listener: see CONTRACTS in estafet/events/registry.py")
        return subscription


class Every(Entrypoint):
    """The entrypoint behind :func:`every`."""

    container: Any
    method_name: Any

    def __init__(self, seconds: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._seconds = seconds
        self._stop = threading.Event()
        self._done = threading.Event()
        self._thread: Any = None

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run, f"timer {self.method_name}")

    def stop(self) -> None:
        self._stop.set()
        _join([self._thread])

    def kill(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self._done.clear()
            self.container.spawn_worker(self, (), {}, handle_result=self._ended)
            self._done.wait()

    def _ended(self, worker_ctx: WorkerContext, result: Any, exc_info: Any) -> tuple[Any, Any]:
        if exc_info is not None:
            metrics.timer_errors.labels(f"{self.container.service_name}.{self.method_name}").inc()
        self._done.set()
        return result, exc_info


def subscribe(prepare: Prepare | None = None, validate: bool = True) -> Callable[[Method], Method]:
    """Bind a method to every event whose contract lists it as ``service.method``.

    The method is called as ``(event, work)``, one event at a time. ``prepare(events, work)``, if given, runs once per
    batch before it. ``validate=False`` leaves holding the data against the event's schema to the method.
    """
    return cast("Callable[[Method], Method]", Subscribe.decorator(prepare=prepare, validate=validate))  # type: ignore[no-untyped-call]


def every(seconds: float) -> Callable[[Method], Method]:
    """Call a method again and again, ``seconds`` after it last ended. Its errors are logged and counted."""
    return cast("Callable[[Method], Method]", Every.decorator(seconds=seconds))  # type: ignore[no-untyped-call]


class Tidying:
    """Mix into a service class: its outbox is tidied by itself."""

    relay: Any

    @every(seconds=600)
    def tidy(self) -> None:
        tidy(self.relay)


def _join(threads: list[Any]) -> None:
    """Wait for green threads, but not for ever; what they raise is the container's to know."""
    with eventlet.Timeout(GRACE, False):
        for thread in threads:
            try:
                thread.wait()
            except Exception:
                _log.debug("a thread had ended with an error", exc_info=True)
