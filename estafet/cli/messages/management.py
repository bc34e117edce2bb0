"""What RabbitMQ's management API tells of the queues, with the rights to look and not to touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import httpx
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from estafet.cli.failure import Failure
from estafet.events.definitions import VHOST
from estafet.settings import Settings

#: Seconds that the broker may take to answer.
PATIENCE = 5.0

_COLUMNS = "name,messages_ready,messages_unacknowledged,consumers,message_stats"


@dataclass(frozen=True, slots=True)
class Counted:
    """One queue as the broker counts it, some seconds ago. Rates are messages a second, None where it keeps none."""

    ready: int
    unacked: int
    consumers: int
    in_per_second: float | None
    out_per_second: float | None


class _Loose(Schema):
    class Meta:
        unknown = EXCLUDE


class _Details(_Loose):
    rate = fields.Float(load_default=None)


class _Stats(_Loose):
    publish_details = fields.Nested(_Details, load_default=dict)
    ack_details = fields.Nested(_Details, load_default=dict)


class _Queue(_Loose):
    name = fields.String(required=True)
    messages_ready = fields.Integer(load_default=0)
    messages_unacknowledged = fields.Integer(load_default=0)
    consumers = fields.Integer(load_default=0)
    message_stats = fields.Nested(_Stats, load_default=dict)


def vhost_of(settings: Settings) -> str:
    """The virtual host of ESTAFET_AMQP_URI, else the one that the definitions make."""
    if settings.embedded:
        return VHOST
    return unquote(urlsplit(settings.amqp_uri.partition(";")[0]).path[1:]) or "/"


def queues(url: str, vhost: str) -> dict[str, Counted]:
    """Queue → its counts, of a virtual host.

    Raises:
        Failure: the broker does not answer, or not so. The password in ``url`` is not repeated.
    """
    return counted(_ask(url, vhost), vhost)


def _ask(url: str, vhost: str) -> httpx.Response:
    try:
        address = f"{url.rstrip('/')}/api/queues/{quote(vhost, safe='')}"
        return httpx.get(address, params={"columns": _COLUMNS}, timeout=PATIENCE, trust_env=False)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise Failure(
            f"The broker's management does not answer ({type(error).__name__}): is RabbitMQ up, and "
            "ESTAFET_MANAGEMENT_URL its address?"
        ) from error


def counted(answer: httpx.Response, vhost: str) -> dict[str, Counted]:
    """Queue → its counts, as an answer says them.

    Raises:
        Failure: the answer is another.
    """
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise Failure(
            f"The broker's management refuses the account in ESTAFET_MANAGEMENT_URL for the virtual host {vhost}: "
            "ops may look, with the password that the definitions were made with."
        )
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise Failure(
            f"The broker has no virtual host {vhost}: import the definitions, or set ESTAFET_AMQP_URI, which names it."
        )
    try:
        loaded: list[dict[str, Any]] = _Queue(many=True).load(answer.raise_for_status().json())
    except (httpx.HTTPStatusError, ValueError, ValidationError) as error:
        raise Failure(
            f"What answers at ESTAFET_MANAGEMENT_URL is not RabbitMQ's management (HTTP {answer.status_code})."
        ) from error
    return {each["name"]: _counted(each) for each in loaded}


def _counted(queue: Mapping[str, Any]) -> Counted:
    stats = queue["message_stats"]
    return Counted(
        ready=queue["messages_ready"],
        unacked=queue["messages_unacknowledged"],
        consumers=queue["consumers"],
        in_per_second=stats.get("publish_details", {}).get("rate"),
        out_per_second=stats.get("ack_details", {}).get("rate"),
    )
