"""A form as a report like all others, and what is answered to whoever filed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.tickets.access.tokens import Token
from services.tickets.directory import Directory, Service
from services.tickets.emergency import told_first
from services.tickets.open311.rendering import Document, Items, Value
from services.tickets.open311.schemas import attribute_of, place_of
from services.tickets.open311.services import name_of
from services.tickets.submitting import Submission


def submission(form: Mapping[str, Any], key: str | None, token: Token, directory: Directory) -> Submission:
    """A form as a submission of the app.

    It repeats an earlier one that had the same ``key`` (``Idempotency-Key``) and said the same. Sent without a key, it
    repeats the one with the same number of the app's own, whatever it says now.
    """
    data = _report(form, directory)
    by_number = key is None
    return Submission(
        data=data,
        scope=f"{'open311-number' if by_number else 'open311'}:{token.app}",
        repeat=data["reference"] if by_number else key,
        same={} if by_number else None,
        app=token.app,
        called=lambda field: _parameter(field, form),
    )


def _report(form: Mapping[str, Any], directory: Directory) -> dict[str, Any]:
    """The data of a ``report.submitted``."""
    service = directory.services.get(form["service_code"])
    names = (form["first_name"], form["last_name"])
    reporter = {
        "name": " ".join(filter(None, names)) or None,
        "email": form["email"],
        "phone": form["phone"],
        "locale": "id",
    }
    text = (form["description"] or "").replace("\r\n", "\n").strip()
    location = {"lat": form["lat"], "long": form["long"], "address": form["address_string"]}
    return {
        "category": form["service_code"],
        # What is reported is said by the category alone, when nothing else is.
        "text": text or f"{name_of(service)}." if service else text,
        "place": place_of(form),
        "reporter": reporter if any((reporter["name"], reporter["email"], reporter["phone"])) else None,
        "consent": [],
        "named": [],
        "reference": _reference(form),
        "seen": [],
        "hops": 0,
        "location": location if any(each is not None for each in location.values()) else None,
        "media_url": form["media_url"],
    }


def _parameter(field: str, form: Mapping[str, Any]) -> str:
    """What a field of ours is called in the form."""
    place = "address_id" if form["address_id"] and not attribute_of(form, "place") else "attribute[place]"
    return {"category": "service_code", "place": place}.get(field, field)


def _reference(form: Mapping[str, Any]) -> str | None:
    """The sender's own number for it, which it sends again when it is not sure."""
    return form["service_request_id_ext"] or attribute_of(form, "fixmystreet_id")


def filed(code: str, form: Mapping[str, Any], directory: Directory) -> Document:
    """What is answered. The id of a confidential report reaches its reporter alone."""
    service = directory.services[form["service_code"]]
    request: dict[str, Value] = {} if service.confidential else {"service_request_id": code}
    request["service_notice"] = _notice(directory, form, service)
    request["account_id"] = form["account_id"]
    return Document("service_requests", Items("request", [request]))


def _notice(directory: Directory, form: Mapping[str, Any], service: Service) -> str | None:
    if emergency := told_first(directory, service.code):
        return emergency["id"]
    if service.confidential and (form["email"] or form["phone"]):
        return "Laporan rahasia diterima. Kode dan kata sandinya dikirim kepada pelapor saja."
    if service.confidential:
        return "Laporan rahasia diterima. Tanpa kontak, pelapor tidak dapat mengikutinya."
    return None
