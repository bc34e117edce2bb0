"""What is generated from the registry is up to date, agrees with it, and holds together."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from estafet.events import CONTRACTS, page
from estafet.events.asyncapi import VERSION
from estafet.events.definitions import definitions, main, password_hash
from estafet.events.documents import ROOT, stale
from estafet.events.jsonschema import schema_of
from estafet.events.meanings import MEANINGS
from estafet.events.topology import DEAD, services
from tests.bed.node import installed

ASYNCAPI = sorted((ROOT / "docs/contracts/asyncapi").glob("*.yaml"))
PAGES = [ROOT / "README.md", ROOT / "examples/README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_generated_file_is_up_to_date() -> None:
    assert stale() == [], "run estafet contracts"


def test_a_changed_a_missing_and_a_left_over_file_are_each_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / "deploy/rabbitmq", tmp_path / "deploy/rabbitmq")
    (tmp_path / "docs/events.md").write_text((ROOT / "docs/events.md").read_text().replace("handoff.offered", "gone"))
    (tmp_path / "docs/contracts/asyncapi/notify.yaml").unlink()
    (tmp_path / "docs/contracts/schemas/old.v1.json").touch()
    assert sorted(map(str, stale(tmp_path))) == [
        "docs/contracts/asyncapi/notify.yaml",
        "docs/contracts/schemas/old.v1.json",
        "docs/events.md",
    ]


def test_every_field_has_a_meaning_and_no_meaning_is_for_nothing() -> None:
    nodes = {}
    for contract in CONTRACTS:
        schema = schema_of(contract)
        nodes |= {contract.schema.__name__: schema, **schema.get("$defs", {})}
    names = {(name, field) for name, node in nodes.items() for field in node.get("properties", {})}
    used = {f"{name}.{field}" if f"{name}.{field}" in MEANINGS else field for name, field in names}
    assert used == set(MEANINGS)


# The page


def test_the_page_shows_every_event_and_every_field_with_an_example_and_needs_nobody_else() -> None:
    text = page.html()
    for contract in CONTRACTS:
        section = text.partition(f'<section id="{contract.name}.v{contract.version}">')[2].partition("</section>")[0]
        assert contract.type in section
        for field in schema_of(contract).get("properties", {}):
            assert f"<code>{field}</code>" in section
        for listener in contract.listeners:
            assert listener in section
    assert "<script" not in text
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", text)
    assert "@import" not in text
    assert "url(" not in text
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))


# Broker definitions


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return definitions()


def test_every_listener_has_a_bound_durable_quorum_queue(document: dict[str, Any]) -> None:
    queues = {queue["name"]: queue for queue in document["queues"]}
    bound = {(each["source"], each["routing_key"], each["destination"]) for each in document["bindings"]}
    wanted = {(each.exchange, each.name, queue) for each in CONTRACTS for queue in each.queues}
    assert {each for each in bound if each[0] != DEAD} == wanted
    for _, _, name in wanted:
        assert queues[name]["durable"]
        assert queues[name]["arguments"] == {"x-queue-type": "quorum"}


def test_every_queue_has_exactly_one_policy_and_its_dead_letters_a_place(document: dict[str, Any]) -> None:
    dead = {each["routing_key"]: each["destination"] for each in document["bindings"] if each["source"] == DEAD}
    for queue in document["queues"]:
        (policy,) = (each for each in document["policies"] if re.search(each["pattern"], queue["name"]))
        if queue["name"].endswith(".dead"):
            assert policy["definition"] == {"delivery-limit": -1}
            continue
        service = queue["name"].partition("--")[2].partition(".")[0]
        assert policy["definition"]["dead-letter-exchange"] == DEAD
        assert dead[policy["definition"]["dead-letter-routing-key"]] == f"{service}.dead"
        assert policy["definition"]["delivery-limit"] == 5


def test_each_service_may_write_its_exchanges_and_read_its_queues_and_no_others(document: dict[str, Any]) -> None:
    rights = {each["user"]: each for each in document["permissions"]}
    for service in services():
        may = rights[service]
        for exchange in (each["name"] for each in document["exchanges"]):
            assert bool(re.search(may["write"], exchange)) == (exchange.partition(".")[0] == service)
            assert not re.search(may["configure"], exchange)
            assert not re.search(may["read"], exchange)
        for queue in (each["name"] for each in document["queues"]):
            own = f"--{service}." in queue or queue == f"{service}.dead"
            assert bool(re.search(may["read"], queue)) == own
            assert not re.search(may["write"], queue)


def test_every_user_has_rights_and_no_password_is_in_the_file(document: dict[str, Any]) -> None:
    users = [each["name"] for each in document["users"]]
    assert users == [each["user"] for each in document["permissions"]]
    assert not any("password" in each for each in document["users"])
    assert "administrator" not in json.dumps(document)


def test_the_hash_is_rabbitmqs() -> None:
    # The worked example of rabbitmq.com/docs/passwords.
    assert password_hash("test12", bytes.fromhex("908DC60A")) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_passwords_of_ones_own_are_all_needed_and_salted_anew(tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    file.write_text(json.dumps({"tickets": "a", "routing": "b"}))
    answer = CliRunner().invoke(main, [str(file), "--app", "wali"])
    assert answer.exit_code == 1
    assert "give a password for notify, wali, ops" in answer.output
    file.write_text(json.dumps({name: "same" for name in ("tickets", "routing", "notify", "wali", "ops")}))
    assert "nobody is called wali" in CliRunner().invoke(main, [str(file)]).output
    answer = CliRunner().invoke(main, [str(file), "--app", "wali"])
    made = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert len({each["password_hash"] for each in made["users"]}) == 5
    assert {each["user"] for each in made["topic_permissions"]} == {"wali"}


@pytest.mark.parametrize("name", ["tickets", "ops", "notify", "a.*", "", "Wali"])
def test_an_app_cannot_take_the_name_of_a_service_or_a_pattern(name: str) -> None:
    with pytest.raises(ValueError, match="an app's name"):
        definitions(apps=[name])


# AsyncAPI


@pytest.fixture(scope="module")
def specification() -> Any:
    """The schema of AsyncAPI itself, as those who write the specification publish it."""
    specs = installed(ROOT / "tests/contract/asyncapi") / "node_modules/@asyncapi/specs/schemas"
    return json.loads((specs / f"{VERSION}.json").read_text())


@pytest.mark.parametrize("path", ASYNCAPI, ids=lambda path: path.stem)
def test_asyncapi_is_valid_by_the_specifications_own_schema(path: Path, specification: Any) -> None:
    api = _read(path)
    assert api["asyncapi"] == VERSION == "3.1.0"
    validator = jsonschema.validators.validator_for(specification)(specification)
    assert [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(api)] == []
    wrong = {**api, "operations": {"x": {"action": "shout", "channel": {"$ref": "#/channels/x"}}}}
    assert list(validator.iter_errors(wrong))


@pytest.mark.parametrize("path", ASYNCAPI, ids=lambda path: path.stem)
def test_every_reference_leads_somewhere(path: Path) -> None:
    found = list(_references(path, _read(path)))
    assert found
    for file, pointer in found:
        node = _read(file)
        for part in filter(None, pointer.split("/")):
            node = node[part]


@pytest.mark.parametrize("path", ASYNCAPI, ids=lambda path: path.stem)
def test_operations_name_messages_of_their_channel(path: Path) -> None:
    api = _read(path)
    for operation in api["operations"].values():
        channel = operation["channel"]["$ref"]
        assert channel.startswith("#/channels/")
        assert operation["messages"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")
    used = {operation["channel"]["$ref"].removeprefix("#/channels/") for operation in api["operations"].values()}
    assert used == set(api["channels"])


def test_asyncapi_tells_of_every_publisher_and_every_listener() -> None:
    sent, received = set(), set()
    for path in ASYNCAPI:
        for channel in _read(path)["channels"].values():
            binding = channel["bindings"]["amqp"]
            if binding["is"] == "queue":
                received.add(binding["queue"]["name"])
            else:
                sent.add((binding["exchange"]["name"], channel["address"]))
    assert sent == {(each.exchange, each.name) for each in CONTRACTS}
    assert received == {queue for each in CONTRACTS for queue in each.queues}


@cache
def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _references(file: Path, node: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(node, dict):
        if "$ref" in node:
            path, _, pointer = node["$ref"].partition("#")
            yield (file.parent / path if path else file), pointer
        for each in node.values():
            yield from _references(file, each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(file, each)


# Pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if not heading:
            continue  # a picture, for one, has no headings to look through
        headings = [re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()) for line in file.read_text().splitlines()]
        assert heading in [each.replace(" ", "-") for each in headings], target
