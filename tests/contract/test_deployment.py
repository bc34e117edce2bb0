"""docker-compose.yml and deploy/ agree with the code, and open nothing to the outside."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from estafet.events.envelope import MAX_BODY
from estafet.settings import PORTS, SERVICES
from estafet.web import endpoints_of
from estafet.web.endpoint import Endpoint
from services.tickets.pages.desk.deeds import DEEDS
from services.tickets.service import Tickets
from tests.bed.rabbitmq import MAX_MESSAGE_SIZE

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OVERRIDE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.override.yml").read_text())
PRODUCTION_TEXT = (ROOT / "deploy/production.yml").read_text()
PRODUCTION: dict[str, Any] = yaml.safe_load(PRODUCTION_TEXT)
CLUSTER: dict[str, Any] = yaml.safe_load((ROOT / "deploy/cluster.yml").read_text())
CONSOLE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/console.yml").read_text())
DEFINITIONS: dict[str, Any] = json.loads((ROOT / "deploy/rabbitmq/definitions.json").read_text())


def test_only_this_machine_can_reach_what_is_published() -> None:
    published = [port for service in OVERRIDE["services"].values() for port in service["ports"]]
    assert published
    published += CONSOLE["services"]["postgres"]["ports"]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_what_every_overlay_stands_on_publishes_nothing() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_published_on_its_own_port(service: str) -> None:
    port = PORTS[service]
    assert COMPOSE["services"][service]["command"] == ["serve", service]
    assert OVERRIDE["services"][service]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_the_image_looks_after_its_own_health_and_nothing_puts_that_out() -> None:
    assert 'CMD ["python", "-m", "estafet.health"]' in (ROOT / "Dockerfile").read_text()
    assert [name for name in SERVICES if "healthcheck" in COMPOSE["services"][name]] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_its_own_user_of_the_broker_and_the_database(service: str) -> None:
    environment = COMPOSE["services"][service]["environment"]
    password = f"${{{service.upper()}_PASSWORD:-{service}}}"
    assert environment["ESTAFET_AMQP_URI"] == f"amqp://{service}:{password}@rabbitmq:5672/estafet"
    assert environment["ESTAFET_DATABASE_URL"] == f"postgresql+psycopg://{service}:{password}@postgres/{service}"
    assert service in {user["name"] for user in DEFINITIONS["users"]}
    assert f"role_and_database {service} " in (ROOT / "deploy/postgres/roles.sh").read_text()
    migrate = COMPOSE["services"]["migrate"]
    assert migrate["environment"][f"{service.upper()}_URL"] == environment["ESTAFET_DATABASE_URL"]
    assert f'migrate {service} "$${service.upper()}_URL"' in migrate["command"][0]


def test_the_proxy_lets_the_forms_with_photos_through() -> None:
    """All of them as large as they are read, and no other address."""
    proxy = (ROOT / "deploy/nginx/nginx.conf").read_text()
    found = re.search(r"location ~ (\S+) \{[^}]*client_max_body_size (\d+)m;", proxy)
    assert found
    for _, endpoint in endpoints_of(Tickets):
        if endpoint.files:
            assert endpoint.files.body <= int(found[2]) * 1024 * 1024
        for place, files in _places(endpoint):
            if files:
                assert re.search(found[1], place), place
            else:
                assert not (endpoint.method == "POST" and re.search(found[1], place)), place


def _places(endpoint: Endpoint) -> Iterator[tuple[str, bool]]:
    """Where it is, and whether files come there: the acts at a desk share one endpoint, and some take none."""
    place = endpoint.path.replace("<code>", "KDR-7F3K-92Q")
    if "<act>" not in place:
        yield place, endpoint.files is not None
        return
    for act, deed in DEEDS.items():
        yield place.replace("<act>", act), deed.photos


def test_nothing_runs_as_root_or_may_become_it() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER")][-1] == "USER estafet"
    for service in (*SERVICES, "migrate"):
        assert COMPOSE["services"][service]["cap_drop"] == ["ALL"]
        assert COMPOSE["services"][service]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("service", SERVICES)
def test_in_production_a_service_speaks_tls_to_both_and_compares_names(service: str) -> None:
    environment = PRODUCTION["services"][service]["environment"]
    password = f"${{{service.upper()}_PASSWORD}}"
    assert environment["ESTAFET_AMQP_URI"] == f"amqps://{service}:{password}@rabbitmq:5671/estafet"
    url = f"postgresql+psycopg://{service}:{password}@postgres/{service}"
    query = "sslmode=verify-full&sslrootcert=/certificates/ca.crt"
    assert environment["ESTAFET_DATABASE_URL"] == f"{url}?{query}"
    assert PRODUCTION["services"]["migrate"]["environment"][f"{service.upper()}_URL"] == f"{url}?{query}"
    assert environment["ESTAFET_TLS_CA"] == "/certificates/ca.crt"


def test_production_demands_every_secret_by_its_name() -> None:
    demanded = dict(re.findall(r"\$\{([A-Z_]+):\?(\w+) is missing; [a-z]", PRODUCTION_TEXT))
    assert all(name == said for name, said in demanded.items())
    secret = {
        name for name in re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()) if "PASSWORD" in name
    }
    assert demanded.keys() >= secret | {"ESTAFET_SECRET_KEY", "ESTAFET_CERTIFICATES", "RABBITMQ_DEFINITIONS"}
    assert not re.findall(r"\$\{[A-Z_]*(?:PASSWORD|KEY)[A-Z_]*:-", PRODUCTION_TEXT), "a default for a secret"


def test_production_publishes_https_and_amqps_and_nothing_else() -> None:
    published = {name: each["ports"] for name, each in PRODUCTION["services"].items() if "ports" in each}
    assert published == {"proxy": ["${ESTAFET_HTTPS_PORT:-443}:8443"], "rabbitmq": ["${ESTAFET_AMQPS_PORT:-5671}:5671"]}
    assert "listeners.tcp = none" in (ROOT / "deploy/rabbitmq/tls.conf").read_text()
    allowed = re.findall(r"^\w+", (ROOT / "deploy/postgres/tls.hba.conf").read_text(), re.M)
    assert set(allowed) == {"local", "hostssl"}


def test_in_production_every_container_is_bounded_and_can_write_little() -> None:
    for name, over in PRODUCTION["services"].items():
        whole = {**COMPOSE["services"].get(name, {}), **over}
        assert {"mem_limit", "cpus", "pids_limit"} <= whole.keys(), name
        assert whole["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert whole["read_only"] is True, name
        assert whole["cap_drop"] == ["ALL"], name
        assert whole["security_opt"] == ["no-new-privileges:true"], name


@pytest.mark.parametrize("service", SERVICES)
def test_in_the_cluster_a_service_knows_every_node_and_both_databases(service: str) -> None:
    composed, password = CLUSTER["services"][service], f"${{{service.upper()}_PASSWORD:-{service}}}"
    nodes = [f"amqp://{service}:{password}@{node}:5672/estafet" for node in ("rabbitmq", "rabbitmq-2", "rabbitmq-3")]
    assert composed["environment"]["ESTAFET_AMQP_URI"].split(";") == nodes
    url = composed["environment"]["ESTAFET_DATABASE_URL"]
    assert url.startswith(f"postgresql+psycopg://{service}:{password}@/{service}?host=postgres&host=postgres-standby&")
    assert "target_session_attrs=read-write" in url
    assert CLUSTER["services"]["migrate"]["environment"][f"{service.upper()}_URL"] == url
    assert composed["scale"] == 2


def test_no_node_imports_definitions_before_all_are_there() -> None:
    assert "definitions.import_backend" not in (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text()
    assert "definitions.import_backend" not in (ROOT / "deploy/rabbitmq/cluster.conf").read_text()
    alone, start = COMPOSE["services"]["rabbitmq"]["volumes"], ":/etc/rabbitmq/conf.d/30-start.conf:ro"
    assert f"./deploy/rabbitmq/alone.conf{start}" in alone
    for node in ("rabbitmq", "rabbitmq-2", "rabbitmq-3"):
        assert f"./deploy/rabbitmq/cluster.conf{start}" in CLUSTER["services"][node]["volumes"]
        assert CLUSTER["services"]["definitions"]["depends_on"][node] == {"condition": "service_healthy"}


def test_the_broker_takes_exactly_the_messages_that_readers_take() -> None:
    configured = re.search(r"^max_message_size = (\d+)$", (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text(), re.M)
    assert configured is not None
    assert int(configured[1]) == MAX_BODY == MAX_MESSAGE_SIZE
