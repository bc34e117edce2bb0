"""The same address and the same number, however they are written."""

import pytest

from services.tickets.reporters.contact import chat_of, email_key, keys_in, phone_key, telegram_key

NUMBER = "6281277889900"


@pytest.mark.parametrize(
    "written",
    ["081277889900", "0812-7788-9900", "0812 7788 9900", "+62 812-7788-9900", "6281277889900", "0062 812 7788 9900"],
)
def test_one_number(written: str) -> None:
    assert phone_key(written) == NUMBER


@pytest.mark.parametrize("written", ["0812-7788-9901", "+1 281277889900", "12345", "8127788990"])
def test_other_numbers(written: str) -> None:
    assert phone_key(written) != NUMBER


def test_one_address() -> None:
    assert email_key(" Budi@Contoh.ID ") == email_key("budi@contoh.id") != email_key("rbudi@contoh.id")


@pytest.mark.parametrize(
    "text",
    [
        "Hubungi budi@contoh.id.",
        '{"email":"Budi@contoh.id"}',
        "'budi@contoh.id'",
        "{budi@contoh.id",
        "<mailto:budi@contoh.id>",
    ],
)
def test_an_address_in_a_text(text: str) -> None:
    assert keys_in(text) == {"budi@contoh.id"}


def test_the_number_in_an_address_is_none() -> None:
    assert keys_in("081277889900@contoh.id") == {"081277889900@contoh.id"}
    assert keys_in("c0812778899d") == set()


def test_a_number_in_a_text() -> None:
    assert keys_in("Telepon (0812) 7788-9900, jangan malam.") == {NUMBER}
    assert keys_in("Nomor 1 dari 2, RT 04") == set()


@pytest.mark.parametrize("text", ["telegram:123456789", '{"telegram": "123456789"}', "{'telegram':'123456789'}"])
def test_a_chat_is_no_number(text: str) -> None:
    assert keys_in(text) == {telegram_key("123456789")}
    assert chat_of(telegram_key("123456789")) == "123456789"
    assert chat_of(phone_key("123456789")) is None
