"""Runs one service as ``nameko run`` does.

That command itself needs ``pkg_resources``, which setuptools no longer has. https://nameko.readthedocs.io
"""

from __future__ import annotations

import os
import warnings

warnings.filterwarnings("ignore", "\nEventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()
# psycopg's C wait function would block every greenthread of the process during each query.
os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"

import signal  # noqa: E402
import sys  # noqa: E402

from nameko.runners import ServiceRunner  # noqa: E402

from bench.contenders.naive.services import NotifyService, RoutingService, TicketsService  # noqa: E402

SERVICES = {each.name: each for each in (TicketsService, RoutingService, NotifyService)}


def main(service: str) -> None:
    config = {
        "AMQP_URI": os.environ["AMQP_URI"],
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("postgresql", "postgresql+psycopg", 1),
        "WEB_SERVER_ADDRESS": f"127.0.0.1:{os.environ['WEB_PORT']}",
    }
    runner = ServiceRunner(config)
    runner.add_service(SERVICES[service])
    # A signal handler runs inside the hub, where nothing may switch greenthreads.
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_n(runner.stop))
    runner.start()
    runner.wait()


if __name__ == "__main__":
    main(sys.argv[1])
