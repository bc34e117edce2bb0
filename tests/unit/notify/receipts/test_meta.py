"""Meta's form: requests as it sends them, signed here by hand."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.receipts.meta import is_signed, said, told

SECRET = "app-secret"


def body(*statuses: Any) -> bytes:
    """As it comes, but for the numbers."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": "1234567890"},
        "statuses": list(statuses),
    }
    return json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [{"id": "9876543210", "changes": [{"value": value, "field": "messages"}]}],
        }
    ).encode()


def status(word: str, id: Any = "0190-delivery", *codes: int) -> dict[str, Any]:
    found = {
        "id": "wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABEYEjAwMDAwMDAwMDAwMDAwMDAwMAA=",
        "status": word,
        "timestamp": "1750857384",
        "recipient_id": "6281234567890",
        "biz_opaque_callback_data": id,
        "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility"},
    }
    if codes:
        found["errors"] = [{"code": code, "title": "Message undeliverable", "message": "..."} for code in codes]
    return found


def signature(what: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), what, hashlib.sha256).hexdigest()


def test_what_it_signed_is_believed_and_nothing_else() -> None:
    what = body(status("delivered"))
    assert is_signed(SECRET, what, signature(what))
    assert not is_signed(SECRET, what + b" ", signature(what))
    assert not is_signed("another", what, signature(what))
    assert not is_signed(SECRET, what, signature(what).removeprefix("sha256="))
    assert not is_signed(SECRET, what, None)
    assert not is_signed(SECRET, what, "ṣ")


@pytest.mark.parametrize(
    ("word", "codes", "state"),
    [
        ("sent", [], None),
        ("delivered", [], "delivered"),
        ("read", [], "delivered"),
        ("failed", [131026], "permanent-failure"),
        ("failed", [131047], "temporary-failure"),
        ("failed", [131049], "temporary-failure"),
        ("failed", [], "temporary-failure"),
        ("new word", [131026], None),
    ],
)
def test_its_words_as_states(word: str, codes: list[int], state: str | None) -> None:
    assert said(body(status(word, "0190-delivery", *codes))) == ([("0190-delivery", state)] if state else [])


def test_several_at_once_and_what_is_none_of_ours_is_passed_over() -> None:
    told = [status("read", "a"), status("delivered", 7), status("delivered", "b" * 65), status("failed", "c")]
    assert said(body(*told, {"status": "read"}, None)) == [("a", "delivered"), ("c", "temporary-failure")]
    message = {"entry": [{"changes": [{"value": {"messages": [{"from": "62", "text": {"body": "Halo"}}]}}]}]}
    assert said(json.dumps(message).encode()) == []


_NAMES = st.sampled_from(["entry", "changes", "value", "statuses", "status", "errors"])


@given(st.recursive(st.none() | st.integers(-9, 9) | st.text("ab"), lambda x: st.lists(x) | st.dictionaries(_NAMES, x)))
def test_whatever_else_it_sends_is_passed_over(document: Any) -> None:
    assert said(json.dumps(document).encode()) == []


def test_what_is_no_json() -> None:
    with pytest.raises(ValueError):  # noqa: PT011, json's own words
        said(b"{")


def test_a_message_carries_our_id() -> None:
    message = {"messaging_product": "whatsapp", "to": "+62", "text": {"body": "Halo"}}
    sent = told({"data": json.dumps(message), "timeout": 5}, "0190-delivery")
    assert json.loads(sent["data"]) == {**message, "biz_opaque_callback_data": "0190-delivery"}
    assert sent["timeout"] == 5
