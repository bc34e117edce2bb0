"""Simulated addresses end as they say, and no real one is one."""

from __future__ import annotations

import pytest

from services.notify.channels import simulated
from services.notify.channels.channel import Fate


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
