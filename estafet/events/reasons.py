"""Reason codes and their standard sentences: what a citizen reads when an office adds no words of its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its sentence in Indonesian and English, and the acts it may be given for."""

    code: str
    id: str
    en: str
    acts: frozenset[str]


def _reason(code: str, id: str, en: str, *acts: str) -> Reason:
    return Reason(code, id, en, frozenset(acts))


_ALL = (
    _reason("new-report", "Laporan baru.", "A new report.", "first"),
    _reason(
        "not-our-task",
        "Bukan kewenangan kantor ini.",
        "It is not this office's task.",
        "handoff",
        "refuse",
        "convene",
    ),
    _reason(
        "other-place",
        "Lokasinya di wilayah kantor lain.",
        "The place belongs to another office.",
        "handoff",
        "refuse",
        "convene",
    ),
    _reason(
        "needs-other-office",
        "Kantor lain diperlukan untuk menyelesaikannya.",
        "Another office is needed to finish it.",
        "handoff",
        "refuse",
        "convene",
    ),
    _reason(
        "wrong-category",
        "Kategorinya keliru.",
        "It was reported under the wrong category.",
        "handoff",
        "refuse",
        "convene",
    ),
    _reason(
        "offices-disagree",
        "Kantor-kantor belum sepakat siapa yang berwenang.",
        "The offices do not agree whose task it is.",
        "refuse",
        "convene",
        "assign",
    ),
    _reason("new-facts", "Ada fakta baru.", "There are new facts.", "convene", "assign"),
    _reason(
        "competent-office",
        "Kantor ini yang berwenang.",
        "This office is the competent one.",
        "assign",
    ),
    _reason(
        "office-closing",
        "Tugas kantor sebelumnya dialihkan.",
        "The former office's tasks are moved.",
        "assign",
    ),
    _reason("fixed", "Sudah ditangani.", "It has been dealt with.", "resolve"),
    _reason("explained", "Sudah dijelaskan kepada pelapor.", "It was explained to the reporter.", "resolve"),
    _reason(
        "agency-settled",
        "Instansi luar telah menyelesaikannya.",
        "The outside agency has settled it.",
        "resolve",
    ),
    _reason("cannot-be-done", "Tidak dapat dipenuhi, dengan penjelasan.", "It cannot be met, as explained.", "resolve"),
    _reason("awaiting-reporter", "Menunggu keterangan pelapor.", "Waiting for the reporter's answer.", "pause"),
    _reason("awaiting-parts", "Menunggu bahan atau alat.", "Waiting for materials.", "pause"),
    _reason("weather", "Menunggu cuaca.", "Waiting for the weather.", "pause"),
)

REASONS = {each.code: each for each in _ALL}


def reasons_for(act: str) -> tuple[str, ...]:
    """The codes that may be given for an act: first, handoff, refuse, convene, assign, resolve or pause."""
    return tuple(each.code for each in _ALL if act in each.acts)
