from __future__ import annotations

import ssl

import amqp.exceptions as raised
import pytest

from estafet.relay.amqp_errors import translated
from estafet.relay.errors import BrokerAway, BrokerRefused


@pytest.mark.parametrize("kind", [raised.AccessRefused, raised.NotFound, raised.PreconditionFailed, raised.NotAllowed])
def test_a_refusal_says_what_was_refused_and_what_the_broker_said(kind: type[raised.AMQPError]) -> None:
    with pytest.raises(BrokerRefused) as caught, translated("declare queue q"):
        raise kind("what the broker says")
    assert str(caught.value) == "The broker refused to declare queue q. It says: what the broker says"


@pytest.mark.parametrize(
    "error",
    [
        raised.NotFound("home node of durable queue 'q' is down or inaccessible"),
        raised.PreconditionFailed("delivery acknowledgement on channel 1 timed out"),
        raised.ConnectionForced("shutdown"),
        raised.InternalError("bug"),
        ConnectionResetError(),
        AttributeError("'NoneType' object has no attribute 'drain_events'"),
    ],
)
def test_what_passes_is_not_a_refusal(error: Exception) -> None:
    with pytest.raises(BrokerAway), translated("anything"):
        raise error


@pytest.mark.parametrize(
    ("code", "kind"), [(10, BrokerAway), (9, BrokerAway), (20, BrokerRefused), (62, BrokerRefused)]
)
def test_a_certificate_out_of_time_is_waited_for_and_a_stranger_s_is_not(code: int, kind: type[Exception]) -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, "what OpenSSL says"
    with pytest.raises(kind, match="what OpenSSL says"), translated("connect"):
        raise error
