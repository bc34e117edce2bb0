"""The providers of a setting."""

from __future__ import annotations

import pytest

from estafet.settings import SettingError
from services.notify.channels.provider_urls import ProviderUrl, read


def test_the_providers_of_a_setting_in_their_order() -> None:
    urls = "twilio://SID:TOKEN@+1555/{to};jsons://gateway.example/?+Idempotency-Key={id}&rate=10&:to={to};"
    assert read("ESTAFET_SMS", "sms", urls) == [
        ProviderUrl("sms-1", "twilio://SID:TOKEN@+1555/{to}"),
        ProviderUrl("sms-2", "jsons://gateway.example/?+Idempotency-Key={id}&:to={to}", 10),
    ]
    assert "TOKEN" not in repr(read("ESTAFET_SMS", "sms", urls))


@pytest.mark.parametrize("rate", ["", "0", "ten", "1.5", "-1", "٣"])
def test_a_rate_that_is_none_names_the_variable(rate: str) -> None:
    with pytest.raises(SettingError, match="ESTAFET_SMS"):
        read("ESTAFET_SMS", "sms", f"json://gateway.example/{{to}}?rate={rate}")
