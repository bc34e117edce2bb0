"""Where the interface is, and what can be reported."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from tests.integration.tickets.open311.speaking import (
    BASE,
    DEFINITION,
    SERVICES,
    faults,
    get,
    valid,
)


def test_discovery_in_both_formats(served):
    response = get(served, "discovery.json")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    found = response.json()
    assert found["contact"]
    assert found["key_service"]
    (endpoint,) = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"].endswith(BASE)
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] == "production"
    for changeset in (found["changeset"], endpoint["changeset"]):
        assert datetime.fromisoformat(changeset) < datetime.now(UTC)
    response = get(served, "discovery.xml")
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == "discovery"
    assert [each.text for each in root.iter("format")] == ["text/xml", "application/json"]


def test_services_are_the_citys_categories(served):
    found = valid(get(served, "services.json").json(), SERVICES)
    kinds = {each["service_code"]: (each["type"], each["metadata"]) for each in found}
    assert kinds["lubang"] == ("realtime", False)
    assert kinds["warga"] == ("realtime", True)
    assert kinds["curang"] == ("blackbox", False)
    root = ElementTree.fromstring(get(served, "services.xml").content)
    assert [each.findtext("service_code") for each in root.findall("service")] == [*kinds]


def test_a_category_that_needs_an_area_asks_for_it(served):
    found = valid(get(served, "services/warga.json").json(), DEFINITION)
    (place,) = found["attributes"]
    assert place["required"] is True
    assert place["values"] == [{"key": "n-1", "name": "Hulu"}, {"key": "n-2", "name": "Hilir"}]
    root = ElementTree.fromstring(get(served, "services/warga.xml").content)
    assert [each.findtext("key") for each in root.iter("value")] == ["n-1", "n-2"]
    assert valid(get(served, "services/lubang.json").json(), DEFINITION)["attributes"] == []
    assert "service_code" in faults(get(served, "services/tidak-ada.json", 404), 404)


@pytest.mark.parametrize("path", ["services.csv", "requests.csv", "discovery.html", "requests/CTH-1.pdf"])
def test_other_formats_are_not_there(served, path):
    response = get(served, path, 404)
    assert ElementTree.fromstring(response.content).findtext("error/code") == "404"
