"""Every program in examples/, run as it stands against the deployed system: its report is filed, its event heard."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import amqp
import httpx
import pytest
from kombu import Connection

from estafet.events import new_id
from tests.bed.node import installed
from tests.bed.process import free_port
from tests.e2e.system import ROOT, Deployed, System, until

EXAMPLES = ROOT / "examples"
CODE = re.compile(r"KDR-\w{4}-\w{3}")


@pytest.fixture
def deployed(running: Callable[[str], System]) -> Deployed:
    system = running("deployed")
    assert isinstance(system, Deployed)
    return system


@pytest.fixture(scope="module")
def node() -> Path:
    """Where the Node.js examples are, with their packages."""
    return installed(EXAMPLES / "node")


def _environment(system: Deployed, account: str, **more: str) -> dict[str, str]:
    ours = {"BROKER": system.amqp(account), "ESTAFET_URL": system.url, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **ours, **more}


def _run(command: list[str | Path], environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def _started(command: list[str | Path], environment: Mapping[str, str], log: Path) -> Iterator[Callable[[], str]]:
    """A program that goes on; what it has said so far. It must end when it is asked to."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT, cwd=log.parent)

    def said() -> str:
        assert process.poll() is None, log.read_text()
        return log.read_text()

    try:
        yield said
        process.terminate()
        process.wait(20)
    finally:
        process.kill()
        process.wait()


def _report(system: Deployed) -> str:
    with system.client() as client:
        return str(client.report({"category": "ktp", "text": "KTP saya rusak."})["code"])


def _filed(system: Deployed, code: str, text: str) -> None:
    """The report is there, with its text, and only once."""
    with system.client(system.tokens()["auditor"]) as client:
        assert client.ticket(code)["text"] == text
    assert system.rows("tickets", f"select count(*) from texts where text = '{text}'") == [(1,)]


def _text() -> str:
    return f"KTP saya rusak, nomor {secrets.token_hex(6)}."


@pytest.mark.parametrize("program", ["pika", "node"])
def test_a_program_sends_a_report_and_gets_its_code(
    deployed: Deployed, request: pytest.FixtureRequest, program: str
) -> None:
    command: list[str | Path] = [sys.executable, EXAMPLES / "publish_pika.py"]
    if program == "node":
        command = ["node", request.getfixturevalue("node") / "publish.js"]
    text = _text()
    code = _run([*command, text], _environment(deployed, "intake", ID=f"{program}-{text}")).strip()
    _filed(deployed, code, text)


def test_the_pika_program_says_what_was_not_accepted(deployed: Deployed) -> None:
    command = [sys.executable, str(EXAMPLES / "publish_pika.py"), ""]
    done = subprocess.run(
        command, env=_environment(deployed, "intake"), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Not accepted: text: ")


@pytest.mark.parametrize(("program", "account"), [("nameko", "peer"), ("node", "intake")])
def test_a_program_hears_an_offer(
    deployed: Deployed, request: pytest.FixtureRequest, tmp_path: Path, program: str, account: str
) -> None:
    command: list[str | Path] = [sys.executable, EXAMPLES / "listen_nameko.py"]
    if program == "node":
        command = ["node", request.getfixturevalue("node") / "listen.js"]
    with _started(command, _environment(deployed, account), tmp_path / "said") as said:
        until(lambda: "listening" in said(), f"{program} to listen")
        code = _report(deployed)
        until(lambda: f"{code} is offered to dispendukcapil" in said(), f"handoff.offered of {code}")


def test_our_client_sends_and_hears(deployed: Deployed, tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, EXAMPLES / "client_python.py"]
    environment = _environment(deployed, "intake")
    text = _text()
    with _started([*command, "listen"], environment, tmp_path / "said") as said:
        until(lambda: _listens(deployed, "app-intake.hear"), "the queue")
        id = _run([*command, "submit", text], environment).strip()
        until(lambda: f"{id} report.accepted KDR-" in said(), "report.accepted")
        code = CODE.findall(said().partition(f"{id} report.accepted")[2])[0]
        until(lambda: f"{id} handoff.offered {code}" in said(), "handoff.offered")
    _filed(deployed, code, text)


def _listens(system: Deployed, queue: str) -> bool:
    with Connection(system.amqp("")) as connection:
        try:
            return bool(connection.channel().queue_declare(queue, passive=True).consumer_count)
        except amqp.NotFound:
            return False


def test_the_curl_script_sends_a_report_and_repeating_it_opens_no_second(deployed: Deployed) -> None:
    text = _text() + ' Katanya "besok" \\ lusa.'
    environment = _environment(deployed, "intake", KEY=f"curl-{new_id()}")
    first, again = (json.loads(_run([EXAMPLES / "report.sh", "ktp", text], environment)) for _ in range(2))
    assert first["code"] == again["code"]
    assert first["secret"] == again["secret"]
    _filed(deployed, first["code"], text)


class Citizen:
    """Somebody who writes to the chat-bot."""

    def __init__(self, url: str, number: str | None = None) -> None:
        self.url, self.number, self.last = url, number or secrets.token_hex(6), ""

    def says(self, text: str, *, again: bool = False) -> str:
        if not again:
            self.last = new_id()
        message = {"id": self.last, "from": self.number, "text": text}
        answer = httpx.post(self.url, json=message, headers={"Authorization": "Bearer chat"}, timeout=30)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["text"])


@pytest.fixture
def chatbot(deployed: Deployed, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command: list[str | Path] = [sys.executable, EXAMPLES / "chatbot.py", str(port)]
    with _started(command, _environment(deployed, "intake", CHATBOT_TOKEN="chat"), tmp_path / "said") as said:
        until(lambda: "listening" in said(), "the chat-bot")
        yield f"http://127.0.0.1:{port}/"
        assert said().count("\n") == 1, "what people write is not logged"


def test_the_chatbot_takes_a_report_and_tells_how_it_stands(deployed: Deployed, chatbot: str) -> None:
    citizen, text = Citizen(chatbot), _text()
    assert "lapor" in citizen.says("halo")
    menu = citizen.says("Lapor")
    number = re.search(r"^(\d+)\. KTP$", menu, re.MULTILINE)
    assert number
    assert "belum paham" in citizen.says("kucing")
    assert "Ceritakan" in citizen.says(number[1])
    answer = citizen.says(text)
    assert citizen.says(text, again=True) == answer
    (code, _) = CODE.findall(answer)
    _filed(deployed, code, text)
    until(lambda: "Ditawarkan kepada Dinas Kependudukan" in citizen.says(f"status {code.lower()}"), "the offer told")
    assert "tidak kami temukan" in citizen.says("status KDR-0000-000")


def test_the_chatbot_says_in_which_telegram_chat_it_was_written_to(deployed: Deployed, chatbot: str) -> None:
    chat = f"-100{secrets.randbelow(9 * 10**9) + 10**9}"
    for number, kept in ((f"telegram:{chat}", [(chat,)]), ("telegram:@ani", []), (None, [])):
        citizen = Citizen(chatbot, number)
        citizen.says("lapor")
        citizen.says("ktp")
        (code, _) = CODE.findall(citizen.says(_text()))
        assert deployed.rows("tickets", f"select telegram from reporters where code = '{code}'") == kept
    found = f"select telegram from reporters where telegram = '{chat}'"
    until(lambda: deployed.rows("notify", found) == [(chat,)], "notify to know the chat")


def test_the_chatbot_asks_for_a_place_tells_of_danger_and_keeps_confidential_reports_to_who_made_them(
    deployed: Deployed, chatbot: str
) -> None:
    citizen = Citizen(chatbot)
    citizen.says("lapor")
    assert "kelurahan mana" in citizen.says("surat pengantar")
    assert "tidak kami temukan" in citizen.says("Atlantis")
    assert "Ceritakan" in citizen.says("kelurahan bandar lor")
    (code, _) = CODE.findall(citizen.says(_text()))
    until(lambda: "Bandar Lor" in citizen.says(f"status {code}"), "the offer to the kelurahan")
    citizen.says("lapor")
    assert citizen.says("banjir").startswith("Jika ada bahaya, hubungi 112")
    citizen.says("batal")
    citizen.says("lapor")
    citizen.says("pungutan liar")
    (code, _) = CODE.findall(citizen.says(_text()))
    assert "sedang ditangani" in citizen.says(f"status {code}")
    assert "tidak kami temukan" in Citizen(chatbot).says(f"status {code}")


def test_the_chatbot_says_when_nobody_answers(deployed: Deployed, tmp_path: Path) -> None:
    port, nobody = free_port(), free_port()
    environment = _environment(deployed, "intake", CHATBOT_TOKEN="chat", ESTAFET_URL=f"http://127.0.0.1:{nobody}")
    with _started([sys.executable, EXAMPLES / "chatbot.py", str(port)], environment, tmp_path / "said") as said:
        until(lambda: "listening" in said(), "the chat-bot")
        assert "sekali lagi" in Citizen(f"http://127.0.0.1:{port}/").says("lapor")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{}", 401),
        ({"Authorization": "Bearer other"}, b"{}", 401),
        ({"Authorization": "Bearer chat"}, b"{", 400),
        ({"Authorization": "Bearer chat"}, b'{"id": "1", "from": 2, "text": "x"}', 400),
        ({"Authorization": "Bearer chat"}, b"[]", 400),
    ],
)
def test_the_chatbot_takes_messages_of_its_gateway_alone(
    chatbot: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    assert httpx.post(chatbot, content=body, headers=headers, timeout=10).status_code == status


def test_every_example_is_listed_and_every_listed_one_is_there() -> None:
    there = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".js", ".sh")}
    listed = set(re.findall(r"\]\(([\w./]+\.(?:py|js|sh))\)", (EXAMPLES / "README.md").read_text()))
    assert there == listed


def _versions(lock: Mapping[str, Any]) -> list[str]:
    return [name for name, each in lock["packages"].items() if name and not each.get("integrity")]


@pytest.mark.parametrize("folder", ["examples/node", "tests/contract/asyncapi"])
def test_node_packages_are_locked_by_their_content_and_name_no_registry(folder: str) -> None:
    text = (ROOT / folder / "package-lock.json").read_text()
    assert "resolved" not in text
    assert _versions(json.loads(text)) == []
