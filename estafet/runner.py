"""Runs services: each in a nameko container of its own with its own configuration, all of them in one process.

A program rather than a library (``python -m estafet.runner tickets``), because eventlet must patch the standard library
before anything else imports it. Besides the relay's nameko extensions only this and `green` know eventlet.
"""

from __future__ import annotations

import warnings

warnings.filterwarnings("ignore", "\nEventlet is deprecated")  # we know: see the module's own words above

import eventlet  # noqa: E402
import eventlet.debug  # noqa: E402

eventlet.monkey_patch()

import gc  # noqa: E402
import importlib  # noqa: E402
import logging  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from collections.abc import Mapping, Sequence  # noqa: E402
from typing import Any  # noqa: E402

import psycopg.waiting  # noqa: E402
import structlog  # noqa: E402
from eventlet.event import Event  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from sqlalchemy.exc import DBAPIError, ProgrammingError  # noqa: E402

from estafet import green, logs  # noqa: E402
from estafet.relay import watch  # noqa: E402
from estafet.relay.errors import BrokerRefused  # noqa: E402
from estafet.settings import SERVICES, SettingError, Settings, from_environment  # noqa: E402

# psycopg's C function would block every greenthread of the process during each query.
psycopg.waiting.wait = green.wait  # type: ignore[assignment]

#: Seconds that running requests and handlers are given to end: a process that is asked to stop is gone within 10 s.
GRACE = 8.0
#: Requests and handlers that run at once in one service.
WORKERS = 50

log = structlog.get_logger("estafet.runner")


def config(service: str, settings: Settings) -> dict[str, Any]:
    """The nameko configuration of one service."""
    return {
        "AMQP_URI": settings.amqp_uri,
        "WEB_SERVER_ADDRESS": f"{settings.host}:{settings.ports[service]}",
        "max_workers": WORKERS,
        "ESTAFET": settings,
    }


def service_class(service: str) -> type[Any]:
    """The nameko class of a service, found by name: what runs services need not be imported by what they are."""
    module = importlib.import_module(f"services.{service}.service")
    found: type[Any] = getattr(module, service.capitalize())
    return found


def run(services: Sequence[str], settings: Settings) -> int:
    """Serve until a signal asks to stop (answers 0) or a service dies (says why on stderr, answers 1)."""
    # nameko hands the errors of its greenthreads on, to be explained here: printed by eventlet too, they drown it.
    eventlet.debug.hub_exceptions(False)
    watch.start()
    ended = Event()
    _listen(ended)
    running: dict[str, ServiceContainer] = {}
    try:
        for service in services:
            _check_address(settings.host, settings.ports[service], service)
        containers = {each: ServiceContainer(service_class(each), config(each, settings)) for each in services}
        for service, container in containers.items():
            container.start()
            running[service] = container
            eventlet.spawn_n(_watch, service, container, ended)
            log.info("serving", service=service, address=f"http://{settings.host}:{settings.ports[service]}")
        _spare_the_garbage_collector()
        failure: Exception | None = ended.wait()
    except Exception as error:
        failure = error
    if failure is not None:
        _explain(failure)
    _stop(running)
    return 0 if failure is None else 1


def _spare_the_garbage_collector() -> None:
    """What is loaded by now stays: looking through it again and again took a twentieth of the time under load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _check_address(host: str, port: int, service: str) -> None:
    """Raises OSError, saying what to change, when the service could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sentence = f"{service} cannot listen on {host}:{port} ({error.strerror}). Set ESTAFET_HTTP_ADDRESS"
            raise OSError(f"{sentence}, such as 127.0.0.1:8100; routing and notify take the next two ports.") from error


def _listen(ended: Event) -> None:
    def stop(number: int, frame: object) -> None:
        # A signal handler runs inside the hub, where nothing may switch greenthreads.
        eventlet.spawn_n(_end, ended, None)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)


def _watch(service: str, container: ServiceContainer, ended: Event) -> None:
    try:
        container.wait()
    except Exception as error:
        log.error("service died", service=service, error=type(error).__name__)
        _end(ended, error)


def _end(ended: Event, failure: Exception | None) -> None:
    if not ended.ready():
        ended.send(failure)


def _stop(containers: Mapping[str, ServiceContainer]) -> None:
    """Let what runs end; after ``GRACE`` seconds it is cut off. What was cut off comes again: nothing is lost."""
    stopping = [eventlet.spawn(_quietly, container.stop) for container in containers.values()]
    with eventlet.Timeout(GRACE, False):
        for each in stopping:
            each.wait()
        return
    log.warning("stopped the hard way", after_seconds=GRACE)
    for container in containers.values():
        _quietly(container.kill)


def _quietly(stop: Any) -> None:
    try:
        stop()
    except Exception as error:  # it has died already, and said so
        log.debug("stop failed", error=type(error).__name__)


def _brief(record: logging.LogRecord) -> bool:
    """Of what nameko logs: a thread's death is explained here, and a database that is away needs no traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, DBAPIError):
        record.msg, record.args = "a timer or request failed: %s", (str(error.orig).partition("\n")[0],)
        record.exc_info = None
    return record.levelno < logging.CRITICAL


def _explain(error: Exception) -> None:
    """One sentence for whoever runs it; the traceback only of what nobody foresaw."""
    sentence = str(error)
    if isinstance(error, ProgrammingError):
        said = str(error.orig).partition("\n")[0]
        sentence = f"The database is not prepared for this version ({said}). Prepare it: estafet migrate"
    elif not isinstance(error, OSError | SettingError | BrokerRefused):
        log.exception("fatal", exc_info=error)
    print(f"estafet: {sentence}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    unknown = sorted(set(arguments) - set(SERVICES))
    if unknown:
        print(f"estafet: no service {', '.join(unknown)}; there are {', '.join(SERVICES)}", file=sys.stderr)
        return 2
    try:
        settings = from_environment()
    except SettingError as error:
        print(f"estafet: {error}", file=sys.stderr)
        return 2
    logs.configure(sys.stderr)
    logging.getLogger("nameko.containers").addFilter(_brief)
    return run(arguments or SERVICES, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
