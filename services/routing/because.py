"""The sentences of a decision: one for each rule it rests on, in Indonesian and English."""

from __future__ import annotations

from dataclasses import dataclass

#: rule: (Indonesian, English). Facts are put in by name.
_SENTENCES = {
    "competent-office": (
        "Kategori {category} adalah kewenangan {office}.",
        "{category} is the task of {office}.",
    ),
    "local-office": (
        "Kategori {category} ditangani kantor setempat: {place} adalah wilayah {office}.",
        "{category} is handled where it happens: {place} belongs to {office}.",
    ),
    "outside-agency": (
        "Kewenangan ada pada instansi luar {agency}: laporan dirujuk ke sana, {office} tetap memegangnya.",
        "The task belongs to an outside agency, {agency}: the report is referred there and {office} stays its holder.",
    ),
    "asked-for": (
        "{sender} meminta {office}, yang belum pernah menolak atau melepas laporan ini.",
        "{sender} asked for {office}, which has neither refused this report nor handed it on.",
    ),
    "refuser-named": (
        "{sender} menolak dan menunjuk {office}, yang belum pernah menolak atau melepas laporan ini.",
        "{sender} refused and named {office}, which has neither refused this report nor handed it on.",
    ),
    "within-budget": (
        "Penyerahan biasa sejauh ini {hops} dari paling banyak {budget}.",
        "{hops} of at most {budget} ordinary handoffs so far.",
    ),
    "no-budget": (
        "Penyerahan biasa sejauh ini {hops}; kategori ini tidak dibatasi.",
        "{hops} ordinary handoffs so far; this category has no limit.",
    ),
    "hop-budget": (
        "Batas penyerahan biasa sudah tercapai: {hops} dari {budget}.",
        "The limit of ordinary handoffs is reached: {hops} of {budget}.",
    ),
    "no-way-back": (
        "{office} sudah pernah menolak, melepas, atau tidak menjawab laporan ini; tidak kembali begitu saja.",
        "{office} has already refused this report, handed it on or left it unanswered; it does not go back by itself.",
    ),
    "already-holder": (
        "{office} sudah memegang laporan ini.",
        "{office} already holds this report.",
    ),
    "named-office": (
        "Kantor yang disebut dalam laporan tidak ikut menanganinya.",
        "An office the report is about takes no part in handling it.",
    ),
    "below-named-office": (
        "Kantor di bawah pihak yang disebut dalam laporan rahasia tidak ikut menanganinya.",
        "An office directly below one that a confidential report is about takes no part in handling it.",
    ),
    "unknown-office": (
        "Kantor {office} tidak ada dalam daftar kota.",
        "The office {office} is not in the city's directory.",
    ),
    "cannot-hold": (
        "{office} tidak dapat memegang laporan.",
        "{office} cannot hold reports.",
    ),
    "refer-instead": (
        "{office} adalah instansi luar: laporan dapat dirujuk ke sana, tetapi tidak diserahkan.",
        "{office} is an outside agency: a report can be referred to it, not handed over.",
    ),
    "unknown-category": (
        "Kategori {category} tidak ada dalam daftar layanan kota.",
        "The category {category} is not among the city's services.",
    ),
    "place-missing": (
        "Kategori {category} ditangani kantor setempat, tetapi lokasinya tidak disebut.",
        "{category} is handled where it happens, but no place was given.",
    ),
    "unknown-place": (
        "Kategori {category} ditangani kantor setempat, tetapi lokasi {place} tidak dikenal.",
        "{category} is handled where it happens, but the place {place} is not known.",
    ),
    "convene-asked": (
        "{sender} meminta keputusan koordinator.",
        "{sender} asked for a coordinator to decide.",
    ),
    "second-refusal": (
        "Laporan ini sudah ditolak {refusals} kali sejak terakhir diterima.",
        "This report was refused {refusals} times since it was last accepted.",
    ),
    "offer-lapsed": (
        "{office} tidak menjawab tawaran sampai batas waktunya.",
        "{office} did not answer the offer in time.",
    ),
    "second-objection": (
        "Pelapor sudah {objections} kali menyatakan keberatan atas penyelesaiannya.",
        "The reporter has objected to its resolution {objections} times.",
    ),
    "lowest-coordinator": (
        "{coordinator} adalah koordinator terdekat di atas kantor-kantor yang terlibat.",
        "{coordinator} is the lowest coordinator above the offices involved.",
    ),
    "other-coordinator": (
        "Tidak ada yang boleh memutuskan di atas kantor yang terlibat; {coordinator} koordinator tertinggi lainnya.",
        "Nobody above the offices involved may decide; {coordinator} is the highest coordinator beside them.",
    ),
}


@dataclass(frozen=True, slots=True)
class Because:
    """A rule a decision rests on, with the facts it was applied to."""

    rule: str
    id: str
    en: str


def because(rule: str, **facts: object) -> Because:
    indonesian, english = _SENTENCES[rule]
    return Because(rule, indonesian.format(**facts), english.format(**facts))


def because_of_category(rule: str, name_id: str, name_en: str, **facts: object) -> Because:
    """A sentence about a category, whose name differs by language."""
    indonesian, english = _SENTENCES[rule]
    return Because(rule, indonesian.format(category=name_id, **facts), english.format(category=name_en, **facts))
