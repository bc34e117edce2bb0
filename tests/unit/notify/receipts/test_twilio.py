"""Twilio's form: requests as it sends them, signed here by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.receipts.twilio import fields, is_signed, said, told

SECRET = "0123456789abcdef0123456789abcdef"
ADDRESS = "https://lapor.tirtajaya.example/callbacks/sms-1/twilio/0190-delivery"
#: As it comes, but for the numbers.
FORM = {
    "SmsSid": "SM00000000000000000000000000000001",
    "SmsStatus": "delivered",
    "MessageStatus": "delivered",
    "To": "+6281234567890",
    "MessageSid": "SM00000000000000000000000000000001",
    "AccountSid": "AC00000000000000000000000000000001",
    "From": "+15550001111",
    "ApiVersion": "2010-04-01",
    "Body": "",
}


def signature(form: dict[str, str], address: str = ADDRESS, secret: str = SECRET) -> str:
    text = address
    for name in sorted(form):
        text += name + form[name]
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def test_what_it_signed_is_believed_and_nothing_else() -> None:
    form = fields(urlencode(FORM).encode())
    shown = signature(FORM)
    assert is_signed(SECRET, ADDRESS, form, shown)
    assert not is_signed(SECRET, f"{ADDRESS}x", form, shown)
    assert not is_signed("f" * 32, ADDRESS, form, shown)
    assert not is_signed(SECRET, ADDRESS, [*form, ("ErrorCode", "30005")], shown)
    assert not is_signed(SECRET, ADDRESS, form, None)
    assert not is_signed(SECRET, ADDRESS, form, "ṣ")


def test_the_example_that_twilio_gives() -> None:
    caller = "+14158675309"
    form = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "From": caller, "To": "+18005551212", "Caller": caller}
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert is_signed("12345", address, list(form.items()), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@given(st.dictionaries(st.text("abAB", min_size=1), st.text()))
def test_any_text_in_it_may_be_signed(form: dict[str, str]) -> None:
    assert not form or is_signed(SECRET, ADDRESS, fields(urlencode(form).encode()), signature(form))


@pytest.mark.parametrize("body", [b"{}", b"\xff=1", b"&".join([b"a=1"] * 101)])
def test_what_is_no_form(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, the standard library's own words
        fields(body)


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        ("queued", None, None),
        ("sending", None, None),
        ("sent", None, None),
        ("accepted", None, None),
        ("delivered", None, "delivered"),
        ("read", None, "delivered"),
        ("undelivered", "30003", "temporary-failure"),
        ("undelivered", "30005", "permanent-failure"),
        ("undelivered", "21610", "permanent-failure"),
        ("failed", "30007", "temporary-failure"),
        ("failed", "63003", "permanent-failure"),
        ("failed", None, "temporary-failure"),
        ("canceled", None, "temporary-failure"),
        ("new word", "30005", None),
    ],
)
def test_its_words_as_states(status: str, code: str | None, state: str | None) -> None:
    form = [*(FORM | {"MessageStatus": status}).items()] + ([("ErrorCode", code)] if code else [])
    assert said(form) == state


def test_a_message_says_where_it_is_spoken_of_and_a_call_does_not() -> None:
    message = {"data": {"Body": "Halo", "To": "+62"}, "timeout": 5}
    assert told(message, ADDRESS) == {**message, "data": {"Body": "Halo", "To": "+62", "StatusCallback": ADDRESS}}
    assert "StatusCallback" not in message["data"]
    call = {"data": {"Twiml": "<Response/>"}}
    assert told(call, ADDRESS) == call
