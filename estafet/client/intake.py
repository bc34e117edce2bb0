"""Reports, sent over RabbitMQ: checked before, confirmed after, and never filed twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from marshmallow import RAISE, ValidationError, fields

from estafet.events import Event, Malformed, contract, encode, new_id, parse
from estafet.events.complaints import flatten
from estafet.events.intake import Reporter, ReportSubmitted
from estafet.relay.amqp import HEARTBEAT, AmqpTransport
from estafet.relay.amqp_publishing import AmqpPublishing
from estafet.relay.backoff import AWAY
from estafet.relay.errors import BrokerAway, BrokerRefused
from estafet.relay.transport import Outgoing

_SUBMITTED = contract("report.submitted")


class Invalid(ValueError):
    """The report is not one. ``errors``: the field → what is wrong with it. Nothing was sent."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in errors.items()))
        self.errors = errors


class NotSent(Exception):
    """The broker did not confirm the report: it may have arrived or not. ``id``: what to submit it again with."""

    def __init__(self, id: str, reason: str) -> None:
        super().__init__(f"The report was not confirmed: {reason}. Submit it again with id={id!r}.")
        self.id = id


class Intake:
    """Sends reports to the broker at ``url``, ``amqp://app:password@host/estafet`` (``amqps://`` for TLS).

    It connects when it has to, and again when the connection broke. It belongs to one thread.

    Args:
        url: the broker with the app's account; the nodes of a cluster separated by ``;``.
        source: who sends; with a report's id it is the identity of its message. Unless given, ``/apps/<account>``.
        seconds: how long a report may take to be confirmed, connecting and trying again included.
        tls_ca: file with the authorities that may vouch for the broker; None: those this machine trusts.
    """

    def __init__(
        self, url: str, *, source: str | None = None, seconds: float = 10.0, tls_ca: Path | None = None
    ) -> None:
        self._transport = AmqpTransport(url, tls_ca=tls_ca)
        self._source = source or f"/apps/{self._transport.user}"
        self._seconds = seconds
        self._connection: AmqpPublishing | None = None
        self._used = 0.0

    def __enter__(self) -> Intake:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Leave the broker. Submitting connects again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def submit(self, report: Mapping[str, Any], id: str | None = None) -> str:
        """Send a report, ``data`` of ``report.submitted``, and return the id of its message when the broker has it.

        The answer comes as ``report.accepted`` or ``report.rejected``, with this id as ``causationid``. Submitting the
        same report again with the same id is harmless: give each an id of your own, and you may when in doubt.

        Raises:
            Invalid: a field is missing, unknown or wrong.
            NotSent: the broker is away or refuses; submit it again with the same id.
        """
        id = id or new_id()
        body = _body(report, id, self._source)
        outgoing = Outgoing(id, _SUBMITTED.exchange, _SUBMITTED.name, _SUBMITTED.type, correlation_id=id, body=body)
        deadline, attempts = time.monotonic() + self._seconds, 0
        while True:
            reason = self._try(outgoing, deadline)
            if reason is None:
                return id
            attempts += 1
            pause = AWAY.seconds(attempts)
            if time.monotonic() + pause >= deadline:
                raise NotSent(id, reason)
            time.sleep(pause)

    def _try(self, outgoing: Outgoing, deadline: float) -> str | None:
        """None when it is confirmed; else why it is not. Sending again what arrived after all is harmless."""
        try:
            outcome = self._connected().publish([outgoing], max(deadline - time.monotonic(), 0.0))
        except BrokerRefused as error:
            self.close()
            raise NotSent(outgoing.id, str(error).rstrip(".")) from error
        except BrokerAway as error:
            self.close()
            return str(error)
        self._used = time.monotonic()
        if outgoing.id in outcome.returned:
            self.close()
            raise NotSent(outgoing.id, f"nobody is bound to {outgoing.name} on {outgoing.exchange}")
        if outgoing.id not in outcome.confirmed:
            self.close()
            return "the broker did not say that it has it"
        return None

    def _connected(self) -> AmqpPublishing:
        """Nobody sends heartbeats between two reports, so a connection that was silent for so long may be gone."""
        if self._connection is not None and time.monotonic() - self._used > HEARTBEAT:
            self.close()
        if self._connection is None:
            user = self._transport.user
            with self._transport.connected(f"estafet-app-{user}") as connection:
                self._connection = AmqpPublishing(connection, user, user)
            self._used = time.monotonic()
        return self._connection


class _Report(ReportSubmitted):
    """As it is read, but for unknown fields: readers ignore them, and a writer has misspelt one."""

    class Meta:
        unknown = RAISE

    reporter = fields.Nested(Reporter(unknown=RAISE), allow_none=True)


def _body(report: Mapping[str, Any], id: str, source: str) -> bytes:
    """The bytes of its event, which our own reader takes."""
    try:
        _Report().load(report)
        data = dict(report)
        event = Event(_SUBMITTED.name, source, data, id=id, time=datetime.now(UTC), correlationid=id)
        body = encode(event)
        parse(body)
    except ValidationError as error:
        raise Invalid(_by_field(error.normalized_messages())) from error
    except Malformed as error:
        raise Invalid({error.field or "report": error.reason}) from error
    except TypeError as error:  # of the encoder
        raise Invalid({"report": str(error)}) from error
    return body


def _by_field(errors: Mapping[Any, Any]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for field, reason in flatten(errors):
        found.setdefault(field or "report", []).append(reason)
    return {field: " ".join(reasons) for field, reasons in found.items()}
