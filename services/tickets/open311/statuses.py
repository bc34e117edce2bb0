"""How a report stands, in the two words of the standard and in a sentence for citizens: who holds it, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.tickets.custody.case import WORKED_ON
from services.tickets.directory import Directory

#: Of our statuses, those in which a report has been resolved. A handoff never closes one.
CLOSED = ("resolved", "closed")
OPEN = WORKED_ON

_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a report stands: the columns of its row that tell it."""

    status: str
    holder: str
    offered_to: str | None = None
    accept_by: datetime | None = None
    coordinator: str | None = None
    resolve_by: datetime | None = None
    paused_until: datetime | None = None
    resolved_by: str | None = None

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Standing:
        return cls(**{each.name: row[each.name] for each in fields(cls)})


def status(standing: Standing) -> str:
    return "closed" if standing.status in CLOSED else "open"


def notes(standing: Standing, directory: Directory, now: datetime) -> str:
    """What citizens may know, in one or two sentences."""
    holder = directory.name(standing.holder)
    if standing.status in CLOSED:
        by = directory.name(standing.resolved_by or standing.holder)
        waits = "Menunggu konfirmasi pelapor." if standing.status == "resolved" else "Laporan ditutup."
        return f"Dinyatakan selesai oleh {by}. {waits}"
    return " ".join(
        filter(None, (f"Dipegang oleh {holder}{_under_way(standing, directory, now)}.", _due(standing, directory)))
    )


def _under_way(standing: Standing, directory: Directory, now: datetime) -> str:
    if standing.status == "offered" and standing.offered_to:
        until = f", yang menjawab paling lambat {said(standing.accept_by, directory)}" if standing.accept_by else ""
        return f"; ditawarkan kepada {directory.name(standing.offered_to)}{until}"
    if standing.status == "convened" and standing.coordinator:
        return f"; menunggu keputusan {directory.name(standing.coordinator)}"
    if standing.status == "requested":
        return "; kantor yang berwenang sedang dicari"
    if standing.paused_until and standing.paused_until > now:
        return f"; ditunda sampai {said(standing.paused_until, directory)}"
    return ""


def _due(standing: Standing, directory: Directory) -> str | None:
    return f"Batas waktu: {said(standing.resolve_by, directory)}." if standing.resolve_by else None


def said(time: datetime, directory: Directory) -> str:
    """A time as people of the city say it, such as ``6 Maret 2026 pukul 16.00 WIB``."""
    local = time.astimezone(ZoneInfo(directory.timezone))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} pukul {local:%H.%M} {local.tzname()}"


def written(time: datetime | None, directory: Directory) -> str | None:
    """A time in the W3C's form, with the city's offset."""
    return time.astimezone(ZoneInfo(directory.timezone)).isoformat(timespec="seconds") if time else None
