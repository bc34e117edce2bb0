"""Dates and durations as people say them, in the city's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.tickets.pages.words import Words


@dataclass(frozen=True, slots=True)
class Calendar:
    """Says times in one language and one city."""

    words: Words
    zone: ZoneInfo

    def moment(self, time: datetime) -> str:
        """Such as ``Senin, 2 Maret 2026 pukul 09.00 WIB``."""
        local = time.astimezone(self.zone)
        return self.words("date.moment", date=self.day(time), hour=self.hour(time), zone=local.strftime("%Z"))

    def brief(self, time: datetime) -> str:
        """Such as ``2 Maret 2026, 09.00``: where many stand below each other."""
        local = time.astimezone(self.zone)
        month = self.words.listed("date.months")[local.month - 1]
        return self.words("date.brief", day=local.day, month=month, year=local.year, hour=self.hour(time))

    def day(self, time: datetime) -> str:
        """Such as ``Senin, 2 Maret 2026``."""
        local = time.astimezone(self.zone)
        weekday = self.words.listed("date.weekdays")[local.weekday()]
        month = self.words.listed("date.months")[local.month - 1]
        return self.words("date.day", weekday=weekday, day=local.day, month=month, year=local.year)

    def hour(self, time: datetime) -> str:
        local = time.astimezone(self.zone)
        return self.words("date.hour", hour=f"{local.hour:02}", minute=f"{local.minute:02}")

    def lasting(self, span: timedelta) -> str:
        """The two largest units of a span, such as ``2 hari 3 jam``; never less than nothing."""
        minutes = max(0, int(span.total_seconds()) // 60)
        if not minutes:
            return self.words("date.moments")
        days, hours = minutes // 1440, minutes % 1440 // 60
        parts = [("days", days), ("hours", hours)] if days else [("hours", hours), ("minutes", minutes % 60)]
        return " ".join(self._counted(unit, count) for unit, count in parts if count)

    def between(self, since: datetime, until: datetime) -> str:
        return self.lasting(until - since)

    def _counted(self, unit: str, count: int) -> str:
        return self.words(f"date.{unit}.{'one' if count == 1 else 'many'}", count=count)
