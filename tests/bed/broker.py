"""A RabbitMQ broker that tests look into and set up through its management API, wherever it runs."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from amqp.exceptions import NotFound, ResourceLocked
from kombu.connection import Connection

from tests.bed.dialect import for_version


class Broker:
    """A broker somebody gave us: its AMQP URI, and the management API of the same host."""

    def __init__(self, amqp_uri: str, management_uri: str | None = None) -> None:
        parts = urlsplit(amqp_uri)
        self._user, self._password = parts.username or "guest", parts.password or "guest"
        self._address = f"{parts.hostname or '127.0.0.1'}:{parts.port or 5672}"
        self._api = httpx.Client(
            base_url=(management_uri or f"http://{parts.hostname or '127.0.0.1'}:15672").rstrip("/") + "/api",
            auth=(self._user, self._password),
            timeout=30.0,
            trust_env=False,
        )

    @property
    def version(self) -> tuple[int, ...]:
        """The broker's version, as (4, 0, 5)."""
        text: str = self.api("GET", "/overview")["rabbitmq_version"]
        return tuple(int(part) for part in text.split("-")[0].split("+")[0].split("."))

    def uri(self, user: str | None = None, password: str | None = None, vhost: str = "/") -> str:
        """The AMQP URI for a user (the administrator by default) and a virtual host."""
        name, secret = user or self._user, password or (self._password if user is None else user)
        path = "" if vhost == "/" else quote(vhost, safe="")
        return f"amqp://{quote(name, safe='')}:{quote(secret, safe='')}@{self._address}/{path}"

    def management(self, user: str, password: str) -> str:
        """The management API's URL for a user."""
        base = urlsplit(str(self._api.base_url).removesuffix("/").removesuffix("/api"))
        account = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return base._replace(netloc=f"{account}@{base.netloc}").geturl()

    def create_vhost(self, name: str | None = None, default_queue_type: str = "quorum") -> str:
        """A virtual host (a fresh name by default) in which the administrator may do everything."""
        vhost = name or f"test-{secrets.token_hex(5)}"
        # RabbitMQ 3.10 reads the second spelling, every later one the first.
        kind = {"default_queue_type": default_queue_type, "defaultqueuetype": default_queue_type}
        self.api("PUT", f"/vhosts/{quote(vhost, safe='')}", kind)
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.api("PUT", f"/permissions/{quote(vhost, safe='')}/{quote(self._user, safe='')}", everything)
        return vhost

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host with all it holds; connections to it are closed."""
        self.api("DELETE", f"/vhosts/{quote(name, safe='')}")

    def import_definitions(self, definitions: str | Path | Mapping[str, Any]) -> None:
        """Import a definitions document: a file, or the parsed thing itself; in an older broker's dialect."""
        given = definitions if isinstance(definitions, Mapping) else json.loads(Path(definitions).read_text())
        self.api("POST", "/definitions", for_version(given, self.version))

    def queues(self, vhost: str = "/") -> dict[str, dict[str, Any]]:
        """Each queue's state by name: messages, messages_ready, messages_unacknowledged, consumers, type ...

        Queues tell their message counts now and then (the private broker's five times a second, others' every
        5 s), so wait for a count, do not expect it at once. The number of consumers is exact.
        """
        queues = self.api("GET", f"/queues/{quote(vhost, safe='')}?disable_stats=true&enable_queue_totals=true")
        with Connection(self.uri(vhost=vhost)) as connection:
            return {queue["name"]: {**queue, "consumers": _consumers(connection, queue["name"])} for queue in queues}

    def api(self, method: str, path: str, body: object = None) -> Any:
        """One call of the management API; raises with the broker's own reason when it refuses."""
        answer = self._api.request(method, path, json=body)
        if answer.is_error:
            raise RuntimeError(f"RabbitMQ refused {method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def close(self) -> None:
        """Let go of the connection to the management API."""
        self._api.close()


def _consumers(connection: Connection, queue: str) -> int | None:
    """How many consume a queue now; None for somebody's exclusive queue, or one that is gone already."""
    channel = connection.channel()
    try:
        count: int = channel.queue_declare(queue, passive=True).consumer_count
    except (NotFound, ResourceLocked):
        return None
    channel.close()
    return count
