from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(script: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: eventlet patches the one it is in."""
    prelude = "import eventlet\neventlet.monkey_patch()\n"
    command = [sys.executable, "-W", "ignore", "-c", prelude + script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_timer_goes_on_after_an_error_and_one_runs_at_a_time(tmp_path: Path) -> None:
    done = run(f"""
from nameko.containers import ServiceContainer
from prometheus_client import REGISTRY
from estafet.relay.extensions import Relay, every
from estafet.settings import from_environment

calls, together = [], []

class Clockwork:
    name = "routing"
    relay = Relay()

    @every(seconds=0.01)
    def tick(self):
        together.append(1)
        calls.append(len(together))
        eventlet.sleep(0.03)
        together.pop()
        if len(calls) == 2:
            raise ValueError("once")

container = ServiceContainer(Clockwork, {{"ESTAFET": from_environment({{"ESTAFET_DATA": "{tmp_path}"}})}})
import estafet.relay.tables as tables
from estafet.relay.database import connect
tables.metadata.create_all(connect("sqlite:///{tmp_path}/routing.sqlite").engine)
container.start()
with eventlet.Timeout(20):
    while len(calls) < 5:
        eventlet.sleep(0.01)
container.stop()
print(set(calls), REGISTRY.get_sample_value("estafet_timer_errors_total", {{"timer": "routing.tick"}}))
""")
    assert done.stdout.strip() == "{1} 1.0", done.stderr


def test_a_method_that_no_contract_lists_is_refused_at_start(tmp_path: Path) -> None:
    done = run(f"""
from nameko.containers import ServiceContainer
from estafet.relay.extensions import subscribe
from estafet.settings import from_environment

class Typo:
    name = "routing"

    @subscribe()
    def rout(self, event, work):
        pass

ServiceContainer(Typo, {{"ESTAFET": from_environment({{"ESTAFET_DATA": "{tmp_path}"}})}}).start()
""")
    assert done.returncode == 1
    assert "no contract lists routing.rout as a listener" in done.stderr


def test_the_core_knows_neither_nameko_nor_eventlet() -> None:
    script = """
import pkgutil, sys
import estafet.relay
for module in pkgutil.iter_modules(estafet.relay.__path__):
    if module.name not in ("extensions", "watch", "migrations_env"):
        __import__(f"estafet.relay.{module.name}")
print([name for name in ("nameko", "eventlet") if name in sys.modules])
"""
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
