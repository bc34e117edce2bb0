"""Reports as citizens make them: some with a contact, some of a place, some confidential."""

from __future__ import annotations

import random
from typing import Any

#: Of few offices, so that their desks are busy; the confidential one is everybody's test.
CATEGORIES = ("ktp", "kartu-keluarga", "jalan-kota", "drainase", "sampah", "parkir", "pasar", "pungli")
LOCAL = "surat-pengantar"
PLACES = ("35.71.01.1006", "35.71.01.1007", "35.71.02.1003")


def report(reference: str, chance: random.Random) -> dict[str, Any]:
    """Everything is decided here, so that the same report can be sent again word by word."""
    made: dict[str, Any] = {
        "category": chance.choice((*CATEGORIES, LOCAL)),
        "text": f"Mohon ditindaklanjuti, laporan {reference}.",
        "reference": reference,
    }
    if made["category"] == LOCAL:
        made["place"] = chance.choice(PLACES)
    if chance.random() < 0.7:
        made["reporter"] = {
            "name": "Warga",
            "email": f"{reference}@warga.example",
            "locale": chance.choice(("id", "en")),
        }
    return made
