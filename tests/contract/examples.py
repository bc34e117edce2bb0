"""One example of every event, as a service would emit it. The golden files were written from these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TICKET = {
    "category": "land-certificate",
    "place": "35.71.01.1006",
    "confidential": False,
    "reachable": True,
    "status": "offered",
    "holder": "front-desk",
    "guardian": None,
    "bound_by": None,
    "coordinator": None,
    "hops": 0,
    "hop_budget": 3,
    "seen": [],
    "named": [],
    "refusals": 0,
    "objections": 0,
    "referrals_open": 0,
    "resolve_by": "2026-05-18T16:00:00+07:00",
}
_BECAUSE = [
    {"rule": "category", "id": "Kategori ini ditangani kelurahan.", "en": "The kelurahan handle this category."}
]
_SUBMISSION = {"source": "/apps/intake", "id": "lapor-2026-000123"}
_HANDOFF = "019e0000-0000-7000-8000-000000000010"
_REFERRAL = "019e0000-0000-7000-8000-000000000020"


def _ticket(**changes: Any) -> dict[str, Any]:
    return {**_TICKET, **changes}


_HELD = _ticket(status="held", holder="kelurahan-banjaran", guardian="kelurahan-banjaran")
_CONVENED = _ticket(
    status="convened",
    holder="kelurahan-banjaran",
    guardian="kelurahan-banjaran",
    coordinator="camat-kota",
    hops=2,
    seen=["kelurahan-pocanan", "dinas-perkim"],
    refusals=2,
)
_BOUND = _ticket(status="held", holder="dinas-perkim", guardian="kelurahan-banjaran", bound_by="camat-kota", hops=2)
_INVOLVED = ["kelurahan-banjaran", "dinas-perkim"]
_DEADLINE = {
    "clock": "accept",
    "ticket_version": 2,
    "due": "2026-05-06T10:00:00+07:00",
    "office": "kelurahan-banjaran",
    "coordinator": "camat-kota",
    "handoff": _HANDOFF,
    "referral": None,
}
_TELLING = {
    "delivery": "019e0000-0000-7000-8000-000000000030",
    "template": "handoff-offered",
    "audience": "office",
    "recipient": "kelurahan-banjaran",
    "channel": "email",
}

#: name → data
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "report.submitted": {
        "category": "land-certificate",
        "text": "Sertifikat tanah saya belum selesai sejak tahun lalu.\nMohon bantuannya, terima kasih \U0001f64f",
        "place": "35.71.01.1006",
        "reporter": {"name": "Sri Example", "email": "sri@example.org", "phone": "+62 812 0000 0000", "locale": "id"},
        "consent": ["name", "contact"],
        "named": [],
        "reference": "000123",
        "seen": ["dinas-perkim"],
        "hops": 1,
    },
    "report.accepted": {"code": "KDR-7F3K-92Q", "reference": "000123", "submission": _SUBMISSION},
    "report.rejected": {
        "reference": "000123",
        "submission": _SUBMISSION,
        "errors": [{"field": "category", "reason": "Unknown category."}],
    },
    "ticket.opened": {
        "ticket": _ticket(status="requested", hop_budget=None, resolve_by=None),
        "consent": ["name", "contact"],
        "reference": "000123",
    },
    "handoff.requested": {
        "ticket": {**_HELD, "status": "requested"},
        "handoff": _HANDOFF,
        "sender": "kelurahan-banjaran",
        "receiver": "dinas-perkim",
        "convene": False,
        "reason": "not-our-task",
        "words": "Tanahnya milik pemerintah kota.",
    },
    "handoff.offered": {
        "ticket": _TICKET,
        "handoff": _HANDOFF,
        "sender": "front-desk",
        "receiver": "kelurahan-banjaran",
        "reason": "new-report",
        "words": None,
        "accept_by": "2026-05-06T10:00:00+07:00",
        "because": _BECAUSE,
    },
    "handoff.accepted": {
        "ticket": _HELD,
        "handoff": _HANDOFF,
        "sender": "front-desk",
        "receiver": "kelurahan-banjaran",
    },
    "handoff.refused": {
        "ticket": _ticket(status="requested", refusals=1, seen=["kelurahan-banjaran"]),
        "handoff": _HANDOFF,
        "sender": "front-desk",
        "office": "kelurahan-banjaran",
        "reason": "other-place",
        "words": None,
        "right_office": "kelurahan-pocanan",
    },
    "handoff.withdrawn": {
        "ticket": _HELD,
        "handoff": _HANDOFF,
        "sender": "kelurahan-banjaran",
        "receiver": "dinas-perkim",
    },
    "handoff.lapsed": {
        "ticket": {**_HELD, "status": "requested", "seen": ["dinas-perkim"]},
        "handoff": _HANDOFF,
        "sender": "kelurahan-banjaran",
        "receiver": "dinas-perkim",
    },
    "referral.opened": {
        "ticket": {**_HELD, "category": "suspicious-investment", "referrals_open": 1},
        "referral": _REFERRAL,
        "agency": "ojk",
        "office": "kelurahan-banjaran",
        "fields_shared": ["contact", "text"],
    },
    "referral.answered": {
        "ticket": {**_HELD, "category": "suspicious-investment"},
        "referral": _REFERRAL,
        "agency": "ojk",
        "receipt": "SP-2026-0042",
        "outcome": "settled",
        "words": None,
    },
    "ticket.convened": {
        "ticket": _CONVENED,
        "coordinator": "camat-kota",
        "involved": _INVOLVED,
        "because": _BECAUSE,
    },
    "ticket.assigned": {
        "ticket": _BOUND,
        "handoff": _HANDOFF,
        "coordinator": "camat-kota",
        "sender": "kelurahan-banjaran",
        "receiver": "dinas-perkim",
        "reason": "competent-office",
        "words": None,
        "proposal": {"category": "land-certificate", "place": "35.71.01.1006", "office": "dinas-perkim"},
    },
    "ticket.paused": {
        "ticket": _BOUND,
        "office": "dinas-perkim",
        "reason": "awaiting-parts",
        "words": None,
        "until": "2026-05-12T16:00:00+07:00",
    },
    "ticket.resolved": {
        "ticket": {**_BOUND, "status": "resolved"},
        "office": "dinas-perkim",
        "reason": "fixed",
        "words": "Sertifikat dapat diambil.",
    },
    "ticket.reopened": {"ticket": {**_BOUND, "objections": 1}, "office": "dinas-perkim"},
    "ticket.closed": {"ticket": {**_BOUND, "status": "closed"}, "how": "confirmed"},
    "note.added": {
        "ticket": _BOUND,
        "note": "019e0000-0000-7000-8000-000000000040",
        "office": None,
        "public": True,
    },
    "reporter.given": {
        "name": "Sri Example",
        "email": "sri@example.org",
        "phone": None,
        "locale": "id",
        "secret": "an-example-not-a-secret",
    },
    "reporter.erased": {},
    "referral.packaged": {
        "referral": _REFERRAL,
        "agency": "ojk",
        "package": {"contact": "sri@example.org", "text": "Ditawari untung 10% sehari.", "name": None},
    },
    "handoff.routed": {
        "handoff": None,
        "decision": "first",
        "ticket_version": 1,
        "receiver": "kelurahan-banjaran",
        "accept_by": "2026-05-06T10:00:00+07:00",
        "resolve_by": "2026-05-18T16:00:00+07:00",
        "hop_budget": 3,
        "refer": None,
        "because": _BECAUSE,
    },
    "handoff.blocked": {
        "handoff": _HANDOFF,
        "ticket_version": 6,
        "coordinator": "camat-kota",
        "involved": _INVOLVED,
        "resolve_by": "2026-05-18T16:00:00+07:00",
        "hop_budget": 3,
        "because": _BECAUSE,
    },
    "deadline.near": _DEADLINE,
    "deadline.passed": _DEADLINE,
    "directory.published": {
        "city": "kediri",
        "edition": "0" * 64,
        "number": 1,
        "code_prefix": "KDR",
        "timezone": "Asia/Jakarta",
        "emergency_number": "112",
        "front_desk": "front-desk",
        "offices": [
            {
                "code": "kelurahan-banjaran",
                "name": "Kelurahan Banjaran",
                "kind": "kelurahan",
                "parent": "camat-kota",
                "area": "35.71.01.1006",
                "confidential": False,
                "email": "banjaran@example.org",
                "needs": [],
            },
            {
                "code": "ojk",
                "name": "Otoritas Jasa Keuangan",
                "kind": "external",
                "parent": None,
                "area": None,
                "confidential": False,
                "email": None,
                "needs": ["contact", "text"],
            },
        ],
        "services": [
            {
                "code": "land-certificate",
                "name": {"id": "Sertifikat tanah", "en": "Land certificate"},
                "confidential": False,
                "emergency": False,
                "place_required": True,
            }
        ],
        "areas": {"35.71.01.1006": "Banjaran"},
    },
    "notification.sent": _TELLING,
    "notification.failed": {**_TELLING, "error": "connection-refused"},
}
