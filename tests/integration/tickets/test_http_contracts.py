"""What events look like, as a running service shows it: the same as the files, from an installation without them."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin

import yaml

from estafet.events.documents import ROOT

DOCS = ROOT / "docs/contracts"


def test_the_page_is_html_that_runs_nothing_and_asks_nobody_else(served):
    response = served.http.get("/contracts")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.text.replace('href="contracts/', 'href="') == (DOCS / "index.html").read_text()


def test_everything_the_page_leads_to_is_there(served):
    links = set(re.findall(r'href="([^"#]+)"', served.http.get("/contracts").text))
    assert len(links) > 30
    for link in links:
        response = served.http.get(urljoin("/contracts", link))
        assert response.is_success, link
        written = (DOCS / link.removeprefix("contracts/")).read_text()
        read = yaml.safe_load if link.endswith(".yaml") else json.loads
        assert read(response.text) == read(written)


def test_the_references_of_every_asyncapi_document_lead_to_schemas(served):
    for address in ("/contracts/asyncapi.yaml", "/contracts/asyncapi/notify.yaml"):
        found = set(re.findall(r"\$ref: (\S+\.json)", served.http.get(address).text))
        assert found
        for each in found:
            assert served.http.get(urljoin(address, each)).json()["$id"].startswith("urn:estafet:schema:")


def test_what_there_is_not_is_said(served):
    for address in ("/contracts/schemas/gone.v1.json", "/contracts/asyncapi/nobody.yaml"):
        response = served.http.get(address)
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"
