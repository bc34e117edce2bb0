"""The command as a person runs it: help, errors as sentences, exit codes, and the light install."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from estafet.cli.main import COMMANDS, group

ROOT = Path(__file__).resolve().parents[3]


def _plain(package: str) -> str:
    """Its name as the index has it, without versions and extras."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", package)[0]).lower()


SERVE = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["serve"]
#: Is there all the same: httpx stands on it.
BROUGHT = {"httpcore"}
#: What the light install lacks; importing any of it fails.
HEAVY = sorted(
    module
    for module, packages in packages_distributions().items()
    if set(map(_plain, packages)) & (set(map(_plain, SERVE)) - BROUGHT)
)
WITHOUT = f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r}))"
LIGHT = f"{WITHOUT}; from estafet.cli.main import main; main()"


def estafet(*arguments: str, light: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
    start = ["-c", LIGHT] if light else ["-m", "estafet.cli.main"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ESTAFET_")}
    return subprocess.run(
        [sys.executable, *start, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**clean, **environment},
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name: str) -> None:
    command = group.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.name == name
    assert command.help


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["report", "--help"],
        ["demo", "--help"],
        ["replay", "--help"],
        ["serve", "--help"],
        ["chain", "--help"],
    ],
)
def test_the_light_install_has_help(arguments: list[str]) -> None:
    done = estafet(*arguments, light=True)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve"],
        ["up"],
        ["migrate"],
        ["city", "check", "city/kediri"],
        ["token", "list"],
        ["deferred", "list"],
        ["queues"],
        ["trace", "x"],
        ["contracts"],
    ],
)
def test_the_light_install_says_what_to_install(arguments: list[str], tmp_path: Path) -> None:
    done = estafet(*arguments, light=True, ESTAFET_DATA=str(tmp_path))
    assert done.returncode == 1
    assert "pip install 'estafet[serve]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_light_install_has_the_client_of_other_apps() -> None:
    use = (
        "from estafet.client import Client, Intake, listen; Intake('amqp://a:b@c/d'); listen('handoff.accepted')(print)"
    )
    subprocess.run([sys.executable, "-c", f"{WITHOUT}; {use}"], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["desk"], {}, "ESTAFET_TOKEN"),
        (["confirm", "KDR-1"], {}, "ESTAFET_SECRET"),
        (["show", "KDR-1", "--url", "http://127.0.0.1:9"], {}, "estafet up"),
        (["refuse", "KDR-1", "--reason", "not-our-task", "--token", "x"], {}, "--convene"),
        (["chain"], {}, "estafet chain CODE"),
        (["serve", "routing"], {}, "ESTAFET_AMQP_URI"),
        (["serve"], {"ESTAFET_AMQP_URI": "http://x"}, "ESTAFET_AMQP_URI must begin with"),
        (
            ["serve"],
            {"ESTAFET_LIMIT_TOKEN": "many", "ESTAFET_HTTP_ADDRESS": "127.0.0.1:18471"},
            "ESTAFET_LIMIT_TOKEN must look like 120/minute",
        ),
        (["serve"], {"ESTAFET_WORDING": "nowhere"}, "ESTAFET_WORDING must name a folder; there is none at nowhere"),
        (["serve"], {"ESTAFET_PROXIES": "some"}, "ESTAFET_PROXIES must be a whole number"),
        (["replay", "nowhere.csv"], {}, "Cannot read the log"),
        (["token", "issue", "officer", "--label", "x"], {}, "belongs to an office"),
        (["token", "issue", "auditor", "bujel", "--label", "x"], {}, "belongs to no office"),
        (["city", "check", "nowhere"], {}, "There is no folder"),
        (
            ["deferred", "list"],
            {"ESTAFET_DATABASE_URL": "postgresql+psycopg://x/y"},
            "--service",
        ),
        (["queues"], {"ESTAFET_MANAGEMENT_URL": "amqp://x"}, "ESTAFET_MANAGEMENT_URL must begin with"),
        (["queues", "--watch", "--json"], {}, "choose"),
        (["trace", "KDR-1"], {}, "estafet migrate"),
        (["token", "list"], {}, "estafet migrate"),
        (["nonsense"], {}, "No such command"),
    ],
)
def test_every_error_is_a_sentence(
    arguments: list[str], environment: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = estafet(*arguments, ESTAFET_DATA=str(tmp_path), **environment)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistake_in_a_citys_wording_is_a_sentence(tmp_path: Path) -> None:
    city = Path(shutil.copytree(ROOT / "city" / "kediri", tmp_path / "city"))
    good = estafet("city", "check", str(city))
    assert (good.returncode, "letters in 2 languages, each written once" in good.stdout) == (0, True), good.stderr
    (city / "wording" / "en" / "_words.txt").write_text("{{ reasn | sentence }}\n")
    done = estafet("city", "check", str(city))
    assert done.returncode == 1
    assert "wording/en/_words.txt, line 1: 'reasn' is undefined" in done.stderr
    shutil.rmtree(city / "wording")
    assert "letters are written with Kediri's" in estafet("city", "check", str(city)).stdout


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_all_three_databases_are_kept_or_none(command: str, tmp_path: Path) -> None:
    done = estafet(command, str(tmp_path), ESTAFET_DATABASE_URL="postgresql+psycopg://tickets@127.0.0.1/tickets")
    assert done.returncode == 1
    assert "this needs all three: write {service} where their addresses differ" in done.stderr
