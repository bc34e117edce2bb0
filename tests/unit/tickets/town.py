"""A small invented town, as routing and as tickets know it, for the tests of the rules."""

from datetime import UTC, datetime, time
from typing import Any

from services.routing.city import model as routing
from services.routing.city.directory import Directory as RoutingDirectory
from services.tickets.directory import Directory

#: A Monday morning.
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

_OFFICES: tuple[dict[str, Any], ...] = (
    {"code": "bupati", "kind": "coordinator"},
    {"code": "sekretaris", "kind": "coordinator", "parent": "bupati"},
    {"code": "asisten", "kind": "coordinator", "parent": "sekretaris"},
    {"code": "loket", "kind": "front-desk", "parent": "asisten"},
    {"code": "utara", "kind": "kecamatan", "parent": "asisten"},
    {"code": "hulu", "kind": "kelurahan", "parent": "utara"},
    {"code": "hilir", "kind": "kelurahan", "parent": "utara"},
    {"code": "jalan", "kind": "department", "parent": "sekretaris", "competence": ("lubang", "bebas")},
    {"code": "taman", "kind": "department", "parent": "asisten", "competence": ("pohon",)},
    {"code": "pengawas", "kind": "department", "parent": "bupati", "competence": ("curang",), "confidential": True},
    {"code": "wasit", "kind": "external", "competence": ("investasi",), "needs": ("text", "name")},
)
#: code, confidential, hop budget
_SERVICES = (
    ("lubang", False, 3),
    ("pohon", False, 1),
    ("bebas", False, None),
    ("curang", True, 3),
    ("investasi", True, 2),
    ("warga", False, 3),
)
PLACES = {"n-1": "hulu", "n-2": "hilir"}

OFFICES = tuple(each["code"] for each in _OFFICES)
CATEGORIES = tuple(code for code, _, _ in _SERVICES)
HOLDERS = tuple(each["code"] for each in _OFFICES if each["kind"] in ("kecamatan", "kelurahan", "department"))
PARENTS = {each["code"]: each.get("parent") for each in _OFFICES}
BUDGETS = {code: budget for code, _, budget in _SERVICES}


def _limit(amount: int) -> routing.Limit:
    return routing.Limit(amount)


def _city() -> routing.City:
    services = (
        routing.Service(
            code,
            {"id": code, "en": code},
            "biasa",
            local=code == "warga",
            confidential=confidential,
            place_required=code == "warga",
            hop_budget=budget,
        )
        for code, confidential, budget in _SERVICES
    )
    return routing.City(
        name="Kota Contoh",
        code_prefix="CTH",
        front_desk="loket",
        offices=tuple(routing.Office(name=each["code"].title(), **each) for each in _OFFICES),
        services=tuple(services),
        areas=tuple(routing.Area(code, code, office) for code, office in PLACES.items()),
        calendar=routing.Calendar("Asia/Jakarta", {day: routing.Hours(time(8), time(16)) for day in range(5)}),
        policy=routing.Policy(
            resolve={"biasa": _limit(10)},
            forward=_limit(1),
            accept=_limit(1),
            hold=_limit(5),
            referral=_limit(5),
            silence=_limit(10),
            loop=_limit(3),
            near_percent=80,
            hop_budget=3,
            external_holder="taman",
        ),
    )


def _published() -> dict[str, Any]:
    """What ``directory.published`` says of it."""
    return {
        "city": "Kota Contoh",
        "edition": "e1",
        "number": 1,
        "code_prefix": "CTH",
        "timezone": "Asia/Jakarta",
        "front_desk": "loket",
        "offices": [{"name": each["code"].title(), **each} for each in _OFFICES],
        "services": [
            {
                "code": code,
                "name": {"id": code, "en": code},
                "confidential": confidential,
                "place_required": code == "warga",
            }
            for code, confidential, _ in _SERVICES
        ],
        "areas": {place: place for place in PLACES},
    }


PUBLISHED = _published()
DIRECTORY = Directory.of(PUBLISHED)
ROUTING = RoutingDirectory(_city())
