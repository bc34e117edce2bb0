"""What the deployed form stands on: a virtual host with its definitions, and a database for each service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from estafet.events.definitions import definitions
from estafet.settings import SERVICES
from tests.bed import Broker, Databases


@dataclass(frozen=True)
class Servers:
    """A place for one system on servers that others may share. ``database_url`` holds ``{service}``."""

    broker: Broker
    vhost: str
    database_url: str

    def amqp(self, user: str) -> str:
        """The URI for a user; without a name for the administrator."""
        return self.broker.uri(user, vhost=self.vhost)

    def database_name(self, service: str) -> str:
        """On the database server."""
        return self.database_url.replace("{service}", service).rpartition("/")[2].partition("?")[0]

    def empty_broker(self) -> None:
        """As after the loss of its disk: made anew, and every message gone."""
        self.broker.delete_vhost(self.vhost)
        self.broker.create_vhost(self.vhost)
        self.broker.import_definitions(_for_vhost(definitions(), self.vhost))


def lay_out(broker: Broker, databases: Databases) -> Servers:
    """Make a fresh place."""
    vhost = broker.create_vhost()
    broker.import_definitions(_for_vhost(definitions(), vhost))
    name = databases.fresh_name()
    for service in SERVICES:
        databases.create_database(f"{name}_{service}")
    url = databases.url(name + "_{service}").replace("%7B", "{").replace("%7D", "}")
    return Servers(broker, vhost, url)


def clear(servers: Servers, databases: Databases) -> None:
    """Take a place away; nobody may be working there any more."""
    servers.broker.delete_vhost(servers.vhost)
    for service in SERVICES:
        databases.drop_database(servers.database_name(service))


def _for_vhost(document: dict[str, Any], vhost: str) -> dict[str, Any]:
    """The broker's definitions as they are deployed, least rights included, in a virtual host of the test's own."""
    there = {key: value for key, value in document.items() if key != "vhosts"}
    for entries in there.values():
        for entry in entries if isinstance(entries, list) else ():
            if "vhost" in entry:
                entry["vhost"] = vhost
    return there
