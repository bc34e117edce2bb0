"""The real servers that tests stand on: started at the first test that needs them, gone after the last."""

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.bed import Broker, Databases, Postgres, RabbitMQ

# A property does not fail because the machine is busy.
settings.register_profile("estafet", deadline=None)
settings.load_profile("estafet")


def pytest_configure() -> None:
    """Asked to end, a test run ends as by Ctrl-C, so that it takes its servers with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """The server of ESTAFET_TEST_DATABASE_URL, else a private one."""
    given = os.environ.get("ESTAFET_TEST_DATABASE_URL")
    if given:
        yield Databases(given)
        return
    with Postgres() as private:
        yield private


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[Broker]:
    """The broker of ESTAFET_TEST_AMQP_URI (and ESTAFET_TEST_MANAGEMENT_URI), else a private one."""
    given = os.environ.get("ESTAFET_TEST_AMQP_URI")
    if given:
        broker = Broker(given, os.environ.get("ESTAFET_TEST_MANAGEMENT_URI"))
        yield broker
        broker.close()
        return
    with RabbitMQ() as private:
        yield private


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A chromium that playwright drives, for pages as people look at them."""
    from tests.support.chromium import chromium  # most runs need none, and it takes a while to import

    with chromium() as browser:
        yield browser


@pytest.fixture
def database_url(postgres: Databases) -> Iterator[Callable[[str], str]]:
    """Call it with a prefix to get the URL of a fresh, empty database; all are dropped after the test."""
    made: list[str] = []

    def make(prefix: str = "estafet") -> str:
        name = postgres.fresh_name(prefix)
        made.append(name)
        return postgres.create_database(name)

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture
def vhost(rabbitmq: Broker) -> Iterator[str]:
    """A fresh virtual host, in which the administrator may do everything; deleted after the test."""
    name = rabbitmq.create_vhost()
    yield name
    rabbitmq.delete_vhost(name)


@pytest.fixture
def amqp_uri(rabbitmq: Broker, vhost: str) -> str:
    """The AMQP URI of the fresh virtual host."""
    return rabbitmq.uri(vhost=vhost)
