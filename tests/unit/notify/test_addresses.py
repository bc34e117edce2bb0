"""Telephone numbers in one form, and what stands for an address where it must not stand itself."""

from __future__ import annotations

import pytest

from services.notify.addresses import Route, phone


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
