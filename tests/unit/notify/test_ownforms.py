"""Which provider speaks in a form of its own, and what it signs it with."""

from __future__ import annotations

import pytest

from services.notify.channels.wanted import Wanted, read
from services.notify.receipts.ownforms import Form, address, form_of, tell

URL = "https://lapor.tirtajaya.example"
TWILIO = "twilio://AC0:t0ken@+15550001111/{to}"


def the(text: str) -> Wanted:
    [found] = read("ESTAFET_SMS", "sms", text)
    return found


@pytest.mark.parametrize(
    ("url", "form"),
    [
        (TWILIO, Form("twilio", "t0ken")),
        (f"{TWILIO}?signing=acc0unt", Form("twilio", "acc0unt")),
        (f"{TWILIO}?apikey=SK0", None),
        (f"{TWILIO}?apikey=SK0&signing=acc0unt", Form("twilio", "acc0unt")),
        ("whatsapp://token@123/{to}?signing=a%3Bb", Form("meta", "a;b")),
        ("whatsapp://token@123/{to}", None),
        ("json://gateway.example/?:to={to}&signing=x", None),
        ("json://[gateway.example/{to}", None),
    ],
)
def test_whose_form_it_is(url: str, form: Form | None) -> None:
    assert form_of(the(url)) == form


def test_the_secret_is_no_part_of_the_url_and_is_not_shown() -> None:
    found = the("whatsapp://token@123/{to}?rate=5&signing=geheim&lang=id")
    assert (found.url, found.rate, found.signing) == ("whatsapp://token@123/{to}?lang=id", 5, "geheim")
    assert "geheim" not in f"{found} {form_of(found)}"


def test_who_cannot_reach_us_is_told_nothing() -> None:
    assert tell(the(TWILIO), "http://127.0.0.1:8000") is None
    assert tell(the("json://gateway.example/{to}"), URL) is None
    told = tell(the(TWILIO), URL)
    assert told is not None
    sent = told({"data": {"Body": "Halo"}}, "0190")
    assert sent["data"]["StatusCallback"] == address(URL, "sms-1", "twilio", "0190")
    assert address(URL, "sms-1", "twilio", "0190") == f"{URL}/callbacks/sms-1/twilio/0190"
