"""What can be reported, where this interface is, and what each category asks for beyond the standard."""

from __future__ import annotations

from collections.abc import Iterator

from services.tickets.directory import Directory, Service
from services.tickets.open311.rendering import Document, Items, Value

#: When what is answered last changed its form.
CHANGESET = "2026-11-26T00:00:00+07:00"
_SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def discovery(directory: Directory, address: str) -> Document:
    """``address``: where the interface is reached from outside."""
    endpoint: Value = {
        "specification": _SPECIFICATION,
        "url": address,
        "changeset": CHANGESET,
        "type": "production",
        "formats": Items("format", ["text/xml", "application/json"]),
    }
    return Document(
        "discovery",
        {
            "changeset": CHANGESET,
            "contact": f"{directory.city}, operator layanan laporan warga",
            "key_service": f"Mintalah api_key kepada operator layanan laporan warga {directory.city}.",
            "endpoints": Items("endpoint", [endpoint]),
        },
    )


def services(directory: Directory) -> Document:
    return Document("services", Items("service", [_service(each) for each in directory.services.values()]))


def definition(service: Service, directory: Directory) -> Document:
    attributes = [_place(directory)] if service.place_required else []
    return Document("service_definition", {"service_code": service.code, "attributes": Items("attribute", attributes)})


def _service(service: Service) -> Value:
    return {
        "service_code": service.code,
        "service_name": name_of(service),
        "description": ", ".join(service.name.values()),
        "metadata": service.place_required,
        "type": "blackbox" if service.confidential else "realtime",
        "keywords": ", ".join(dict.fromkeys(each.lower() for each in _called(service))),
        "group": "darurat" if service.emergency else "rahasia" if service.confidential else "layanan",
    }


def _called(service: Service) -> Iterator[str]:
    yield from service.name.values()
    for words in service.words.values():
        yield from words


def _place(directory: Directory) -> Value:
    values: list[Value] = [{"key": code, "name": name} for code, name in directory.areas.items()]
    return {
        "variable": True,
        "code": "place",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": "Pilih kelurahan tempat kejadian.",
        "order": 1,
        "description": "Kelurahan",
        "values": Items("value", values),
    }


def name_of(service: Service) -> str:
    """As citizens of the city know it."""
    return service.name.get("id") or service.code
