"""Telephone numbers in one form; simulated addresses; the providers of a setting."""

from __future__ import annotations

import pytest

from estafet.settings import SettingError
from services.notify.addresses import Route, phone
from services.notify.channels import simulated
from services.notify.channels.channel import Fate
from services.notify.channels.provider_urls import ProviderUrl, read


@pytest.mark.parametrize("text", ["0812-3456-7890", "+62 812 3456 7890", "0062 81234567890", "(0812) 3456 7890"])
def test_one_number_however_it_is_written(text: str) -> None:
    assert phone(text) == "+6281234567890"


@pytest.mark.parametrize("text", ["", "0812", "+0812345678", "nomor saya", "+62 812 3456 7890 1234"])
def test_what_cannot_be_one(text: str) -> None:
    assert phone(text) is None


def test_what_is_kept_of_an_address_is_a_hash_that_case_does_not_change() -> None:
    kept = Route("email", "sri@warga.example").hash
    assert Route("email", " Sri@Warga.example").hash == kept != Route("sms", "sri@warga.example").hash
    assert "sri" not in kept


@pytest.mark.parametrize(
    ("address", "fate", "error"),
    [
        ("delivered@simulasi.example", Fate.DELIVERED, None),
        ("Delivered+42@Simulasi.example", Fate.DELIVERED, None),
        ("temporary-failure@simulasi.example", Fate.LATER, "simulated"),
        ("permanent-failure@simulasi.example", Fate.FAILED, "simulated"),
        ("mistyped@simulasi.example", Fate.FAILED, "simulated"),
        ("+99900000001", Fate.DELIVERED, None),
        ("+99900000002", Fate.FAILED, "simulated"),
        ("+99900000003", Fate.LATER, "simulated"),
        ("+99912345678", Fate.FAILED, "simulated"),
    ],
)
def test_simulated_addresses_end_as_they_say(address: str, fate: Fate, error: str | None) -> None:
    outcome = simulated.fate(address)
    assert outcome is not None
    assert (outcome.fate, outcome.error, outcome.bounced) == (fate, error, False)
    assert simulated.is_simulated(outcome)


@pytest.mark.parametrize(
    "address", ["sri@warga.example", "delivered@simulasi.example.id", "delivered@x.simulasi.example", "+6299900000001"]
)
def test_others_are_not(address: str) -> None:
    assert simulated.fate(address) is None


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
