"""What is kept of an error says nothing of what people wrote."""

import json

import pytest

from estafet.relay.masking import masked

WROTE = "Nama saya Ny. O'Brien\nAtap bocor"
BODY = json.dumps({"id": "1", "subject": "KDR-1", "data": {"text": WROTE, "reporter": {"name": "Budi"}}}).encode()


@pytest.mark.parametrize(
    ("detail", "kept"),
    [
        ("no room", "no room"),
        (f"invalid literal: {WROTE}", "invalid literal: …"),
        (str(KeyError(WROTE)), '"…"'),
        ("there is no report KDR-1", "there is no report KDR-1"),
        ("Budi\0", "…\\0"),
    ],
)
def test_texts_of_the_message_are_masked(detail: str, kept: str) -> None:
    assert masked(detail, "tickets.submit", BODY) == kept


def test_messages_that_hold_nothing_personal_are_told_whole() -> None:
    assert masked("not Budi", "tickets.decide", BODY) == "not Budi"


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"[1]", b'{"data": 3}', b'{"data": [null, "a"]}'])
def test_any_bytes(body: bytes) -> None:
    assert masked("as it was", "tickets.submit", body) == "as it was"
