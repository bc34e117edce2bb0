"""The words that are not in letters but go into them: times, and the codes of states, clocks, outcomes and fields."""

from __future__ import annotations

LOCALES = ("id", "en")

#: Over a letter about a confidential report: a subject shows on locked screens.
CONFIDENTIAL_SUBJECT = {"id": "Kabar tentang laporan {code}", "en": "News of report {code}"}

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
TERMS = {
    "id": {
        "and": "dan",
        "accept": "menerima atau menolak tawaran",
        "hold": "menyelesaikan atau meneruskan laporan",
        "resolve": "menyelesaikan laporan",
        "referral": "jawaban instansi luar",
        "held": "sedang ditangani",
        "requested": "sedang dicarikan kantor yang berwenang",
        "offered": "sedang ditawarkan kepada kantor lain",
        "convened": "menunggu keputusan koordinator",
        "resolved": "sudah diselesaikan",
        "closed": "sudah ditutup",
        "received": "sudah diterima",
        "settled": "sudah diselesaikan",
        "declined": "tidak dapat ditangani",
        "name": "nama",
        "contact": "kontak",
        "text": "isi laporan",
        "place": "lokasi",
    },
    "en": {
        "and": "and",
        "accept": "accept or refuse the offer",
        "hold": "resolve it or hand it on",
        "resolve": "resolve the report",
        "referral": "get the outside agency's answer",
        "held": "being dealt with",
        "requested": "on its way to the competent office",
        "offered": "offered to another office",
        "convened": "waiting for a coordinator's decision",
        "resolved": "resolved",
        "closed": "closed",
        "received": "received it",
        "settled": "settled it",
        "declined": "cannot take it on",
        "name": "name",
        "contact": "contact",
        "text": "text of the report",
        "place": "place",
    },
}
