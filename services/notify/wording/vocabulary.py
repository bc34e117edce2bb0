"""What a language has of its own, in whichever city it is spoken: its code, and how it says a time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

LOCALES = ("id", "en")

#: Offices and agencies are written to in the city's language.
OFFICE_LOCALE = "id"

MONTHS = {
    "id": (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MOMENT = {
    "id": "{day}, {d} {month} {year} pukul {hour:02}.{minute:02} {zone}",
    "en": "{day}, {d} {month} {year} at {hour:02}:{minute:02} {zone}",
}


def in_words(moment: datetime, timezone: str, locale: str) -> str:
    """A time as people say it where the city is, such as ``Senin, 30 November 2026 pukul 16.00 WIB``."""
    local = moment.astimezone(ZoneInfo(timezone))
    return MOMENT[locale].format(
        day=DAYS[locale][local.weekday()],
        d=local.day,
        month=MONTHS[locale][local.month - 1],
        year=local.year,
        hour=local.hour,
        minute=local.minute,
        zone=local.tzname(),
    )
