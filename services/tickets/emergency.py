"""What a reporter of an emergency is told before anything else."""

from __future__ import annotations

from services.tickets.directory import Directory


def told_first(directory: Directory, category: str) -> dict[str, str] | None:
    """The number to call and the sentence in both languages; None: it is no emergency, or the city has no number."""
    number = directory.emergency_number
    if number is None or not directory.services[category].emergency:
        return None
    return {
        "number": number,
        "id": f"Dalam keadaan darurat, telepon {number} sekarang. Laporan ini tidak menggantikannya.",
        "en": f"In an emergency, call {number} now. This report does not replace the call.",
    }
