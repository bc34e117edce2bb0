"""A foreign Open311 client, and an app that files, follows and answers: over HTTP, with routing deciding."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from georeport import GeoReport

from tests.e2e.system import System, until

LIGHT = {
    "service_code": "penerangan-jalan",
    "description": "Lampu jalan padam sejak tiga hari.",
    "lat": "-7.8166",
    "long": "112.0114",
    "email": "warga@contoh.id",
}


@pytest.fixture
def key(system: System) -> str:
    return system.estafet("token", "issue", "app", "warga", "--label", "a test").stdout.strip()


def post(system: System, path: str, **form: str) -> list[dict[str, Any]]:
    response = httpx.post(f"{system.url}/open311/v2/{path}.json", data=form, timeout=20)
    assert response.status_code == httpx.codes.OK, response.text
    answer: list[dict[str, Any]] = response.json()
    return answer


@pytest.mark.parametrize("output", ["json", "xml"])
def test_somebody_elses_client_reads_what_can_be_reported_and_what_was(system: System, key: str, output: str) -> None:
    client = GeoReport(f"{system.url}/open311/v2", jurisdiction="kedirikota.go.id", api_key=key, output_format=output)
    services = {each["service_code"]: each for each in client.get_service_list()}
    assert services["penerangan-jalan"]["service_name"] == "Penerangan jalan umum"
    assert services["pungli"]["type"] == "blackbox"
    definition = client.get_service_definition("jalan-lingkungan")
    assert definition["service_code"] == "jalan-lingkungan"
    assert "35.71.01.1006" in str(definition["attributes"])

    (filed,) = post(system, "requests", api_key=key, **LIGHT)
    code = filed["service_request_id"]
    found: Any = until(
        lambda: (seen := client.get_service_request(code))["expected_datetime"] and seen, "routing to set a deadline"
    )
    assert (found["service_request_id"], found["status"]) == (code, "open")
    assert "ditawarkan kepada" in found["status_notes"]
    assert found["expected_datetime"].endswith("+07:00")
    assert found["description"] is None  # it sends its key only where the standard asks for one
    listed = client.get_service_requests(service_request_id=code)
    assert listed == ([found] if output == "json" else found)
    codes = ",".join((code, post(system, "requests", api_key=key, **LIGHT)[0]["service_request_id"]))
    assert len(client.get_service_requests(service_request_id=codes)) == 2


def test_a_refused_and_handed_on_report_as_the_app_that_sent_it_sees_it(system: System, key: str) -> None:
    tokens = system.tokens()
    (filed,) = post(system, "requests", api_key=key, service_request_id_ext="4711", **LIGHT)
    code = filed["service_request_id"]

    def seen() -> dict[str, Any]:
        address = f"{system.url}/open311/v2/requests/{code}.json"
        (found,) = httpx.get(address, params={"api_key": key}, timeout=20).json()
        return dict(found)

    def told() -> list[dict[str, Any]]:
        address = f"{system.url}/open311/v2/servicerequestupdates.json"
        found = httpx.get(address, params={"api_key": key}, timeout=20).json()
        return [each for each in found if each["service_request_id"] == code]

    def offered_to(office: str | None = None) -> Any:
        with system.client() as anybody:
            ticket = anybody.wait_for(
                code,
                lambda each: each["status"] == "offered" and office in (None, each["offered_to"]["code"]),
            )
        return ticket["offered_to"]["code"], ticket["version"]

    first, version = offered_to()
    with system.client(tokens[first]) as officer:
        officer.refuse(code, version, reason="not-our-task", words="Bukan lampu kami.", right_office="dpupr")
    at_desk = seen()
    second, version = offered_to("dpupr")
    with system.client(tokens[second]) as officer:
        officer.accept(code, version)
    held = seen()
    assert at_desk["status"] == held["status"] == "open"
    assert at_desk["agency_responsible"] != held["agency_responsible"]
    assert held["expected_datetime"] == at_desk["expected_datetime"] is not None
    assert (held["description"], held["lat"]) == (LIGHT["description"], float(LIGHT["lat"]))
    assert any("menolak" in each["description"] and "Bukan lampu kami." in each["description"] for each in told())

    said = {"api_key": key, "service_request_id": code, "updated_datetime": "2026-01-01T00:00:00+07:00"}
    (update,) = post(system, "servicerequestupdates", **said, update_id="1", status="OPEN", description="Masih padam.")
    with system.client(tokens[second]) as officer:
        assert [each["text"] for each in officer.ticket(code)["notes"]] == ["Masih padam."]
        officer.resolve(code, officer.ticket(code)["version"], reason="fixed")
    assert update["update_id"] in {each["update_id"] for each in told()}
    done = seen()
    assert (done["status"], told()[-1]["status"]) == ("closed", "fixed")
    said["updated_datetime"] = done["updated_datetime"]
    post(system, "servicerequestupdates", **said, update_id="2", status="REOPEN", description="Padam lagi.")
    assert seen()["status"] == "open"
    assert seen()["expected_datetime"] == held["expected_datetime"]
