"""What py-amqp raises, by what has to happen next: try again, or let a person change something."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import amqp
import amqp.exceptions as raised

from estafet.relay.errors import BrokerAway, BrokerRefused

#: Seconds the broker may take to answer a question, such as whether a queue is there.
ANSWER = 10

#: 403, 404, 406, and 530 for a virtual host that is not there. kombu would try again for ever.
_REFUSALS = (raised.AccessRefused, raised.NotFound, raised.PreconditionFailed, raised.NotAllowed)

#: The same codes where they tell of a moment: a queue's node restarts, an acknowledgement came too late.
_PASSING = ("down or inaccessible", "timed out", "unknown delivery tag", "process not found")

#: OpenSSL's codes of a certificate whose time has not come or is over: the broker gets a new one, and we go on.
_UNTIMELY = (9, 10)

#: A lost connection shows in many ways: py-amqp sets its transport to None and then uses it.
_LOST = (raised.AMQPError, raised.MessageNacked, OSError, AttributeError, TypeError)


@contextmanager
def on(connection: amqp.Connection, doing: str, seconds: float | None = None) -> Iterator[None]:
    """As :func:`translated`, on a connection that is still one: py-amqp would silently make a new one in its place.

    ``seconds`` limits each wait for the broker.
    """
    with translated(doing):
        if not connection.connected:
            raise BrokerAway("the connection to the broker was closed")
        with connection.transport.having_timeout(seconds):
            yield


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise BrokerAway or BrokerRefused for what happens inside; ``doing`` completes "The broker refused to …"."""
    try:
        yield
    except _REFUSALS as error:
        text = str(getattr(error, "reply_text", "") or error)
        if any(each in text for each in _PASSING):
            raise BrokerAway(text) from error
        raise BrokerRefused(f"The broker refused to {doing}. It says: {text}") from error
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in _UNTIMELY:
            raise BrokerAway(f"the broker's certificate must be renewed ({error.verify_message})") from error
        raise BrokerRefused(
            f"The broker's certificate cannot be trusted ({error.verify_message}). Name the file with its authority's "
            "certificate in ESTAFET_TLS_CA, and the broker in ESTAFET_AMQP_URI as its certificate does."
        ) from error
    except _LOST as error:
        raise BrokerAway(f"the broker is away ({type(error).__name__}: {error})") from error
