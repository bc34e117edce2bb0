"""Services as processes, with nameko and eventlet, for tests that kill them: ``python service.py notify [tickets]``.

``notify`` writes down what it handles; the event with the subject ``poison`` kills the process. ``tickets`` emits what
it reads from standard input: a number of events a line.
"""

import eventlet
import eventlet.hubs

eventlet.monkey_patch()

import os  # noqa: E402
import re  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from datetime import timedelta  # noqa: E402
from itertools import repeat  # noqa: E402
from typing import Any  # noqa: E402

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"

from nameko.containers import ServiceContainer  # noqa: E402

from estafet.events import Event, new_id  # noqa: E402
from estafet.relay import deferral, watch  # noqa: E402
from estafet.relay.errors import BrokerRefused  # noqa: E402
from estafet.relay.extensions import Relay, settings_of, subscribe  # noqa: E402
from estafet.relay.work import Work, Works  # noqa: E402
from estafet.settings import from_environment  # noqa: E402
from tests.integration.relay.station import ERASED, effects, open_database  # noqa: E402

watch.HANDLER_LIMIT = 1
watch.PROCESS_LIMIT = 4
watch._BEAT = 1
deferral.LEASE = timedelta(seconds=2)


class Notify:
    name = "notify"
    relay = Relay()

    @subscribe()
    def remember(self, event: Event, work: Work) -> None:
        if event.subject == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        if event.subject == "hang":
            eventlet.sleep(600)
        if event.subject == "compute":
            while True:
                pass
        if event.subject == "a regular expression":
            re.match(r"(a+)+$", "a" * 60 + "b")
        if event.subject == "compute in C":
            sum(repeat(1))  # looks for no signal, and keeps the interpreter to itself
        if event.subject == "hang in the database":
            work.connection.exec_driver_sql("select pg_sleep(600)")
        work.connection.execute(effects.insert().values(id=new_id(), subject=event.subject))


class Tickets:
    name = "tickets"
    relay = Relay()


def read_orders(works: Works) -> None:
    """Emit as many as each line says; say so when it is committed."""
    while True:
        eventlet.hubs.trampoline(sys.stdin, read=True)
        line = os.read(sys.stdin.fileno(), 100)
        if not line:
            return
        with works.begin() as work:
            for _ in range(int(line)):
                work.emit(ERASED, {}, subject=new_id())
        print("committed", flush=True)


def main() -> None:
    settings = from_environment()
    for name in sys.argv[1:]:
        open_database(settings.database(name)).engine.dispose()
    watch.start()
    classes: dict[str, Any] = {"notify": Notify, "tickets": Tickets}
    containers = [ServiceContainer(classes[name], {"ESTAFET": settings}) for name in sys.argv[1:]]
    signal.signal(signal.SIGTERM, lambda *_: [eventlet.spawn(each.stop) for each in containers] and None)
    for container in containers:
        assert settings_of(container) is settings
        container.start()
        for extension in container.dependencies:
            if container.service_name == "tickets":
                eventlet.spawn(read_orders, extension.engine.works)
    print("started", flush=True)
    try:
        for container in containers:
            container.wait()
    except BrokerRefused as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
