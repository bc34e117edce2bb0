"""A broker as an operator sets it up: by the definitions alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from estafet.events.definitions import VHOST, definitions
from tests.bed import Broker

#: One of the examples, and one of an operator's own.
APPS = ("intake", "wali")


@pytest.fixture(scope="module")
def broker(rabbitmq: Broker) -> Iterator[Broker]:
    """The broker with our definitions."""
    document = definitions(apps=APPS, rabbitmq=3 if rabbitmq.version < (4,) else 4)
    rabbitmq.create_vhost(VHOST)  # the administrator may look into it
    rabbitmq.import_definitions(document)
    yield rabbitmq
    rabbitmq.delete_vhost(VHOST)
    for user in document["users"]:
        rabbitmq.api("DELETE", f"/users/{user['name']}")
