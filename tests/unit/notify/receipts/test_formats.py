"""Which provider speaks in a format of its own, and what it signs it with."""

from __future__ import annotations

import pytest

from services.notify.channels.provider_urls import ProviderUrl, read
from services.notify.receipts.formats import Format, address, format_of, tell

URL = "https://lapor.tirtajaya.example"
TWILIO = "twilio://AC0:t0ken@+15550001111/{to}"


def the(text: str) -> ProviderUrl:
    [found] = read("ESTAFET_SMS", "sms", text)
    return found


@pytest.mark.parametrize(
    ("url", "own"),
    [
        (TWILIO, Format("twilio", "t0ken")),
        (f"{TWILIO}?signing=acc0unt", Format("twilio", "acc0unt")),
        (f"{TWILIO}?apikey=SK0", None),
        (f"{TWILIO}?apikey=SK0&signing=acc0unt", Format("twilio", "acc0unt")),
        ("whatsapp://token@123/{to}?signing=a%3Bb", Format("meta", "a;b")),
        ("whatsapp://token@123/{to}", None),
        ("json://gateway.example/?:to={to}&signing=x", None),
        ("json://[gateway.example/{to}", None),
    ],
)
def test_whose_format_it_is(url: str, own: Format | None) -> None:
    assert format_of(the(url)) == own


def test_the_secret_is_no_part_of_the_url_and_is_not_shown() -> None:
    found = the("whatsapp://token@123/{to}?rate=5&signing=geheim&lang=id")
    assert (found.url, found.rate, found.signing) == ("whatsapp://token@123/{to}?lang=id", 5, "geheim")
    assert "geheim" not in f"{found} {format_of(found)}"


def test_who_cannot_reach_us_is_told_nothing() -> None:
    assert tell(the(TWILIO), "http://127.0.0.1:8000") is None
    assert tell(the("json://gateway.example/{to}"), URL) is None
    told = tell(the(TWILIO), URL)
    assert told is not None
    sent = told({"data": {"Body": "Halo"}}, "0190")
    assert sent["data"]["StatusCallback"] == address(URL, "sms-1", "twilio", "0190")
    assert address(URL, "sms-1", "twilio", "0190") == f"{URL}/callbacks/sms-1/twilio/0190"
