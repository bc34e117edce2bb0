"""``./dev help`` says all there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / "dev").read_text()
#: As the last lines of the script take them.
COMMANDS = re.search(r"^    ([a-z |]+)\) \"\$command\"", SCRIPT, re.MULTILINE).group(1).split(" | ")
#: What else people may give, and where its meaning is written: the module behind each command.
BEHIND = {"up": "estafet/cli/serve.py", "simulate": "tests/simulation/__main__.py", "chaos": "tests/chaos/__main__.py"}
BEHIND |= {"bench": "bench/__main__.py"}


def _dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True, check=False)


def test_help_has_a_paragraph_for_every_command_in_the_order_of_the_script() -> None:
    said = _dev("help")
    assert said.returncode == 0
    assert re.findall(r"^\./dev (\w+)", said.stdout, re.MULTILINE) == COMMANDS
    assert _dev().stdout == said.stdout
    assert all(f"\n{command}() {{\n" in SCRIPT for command in COMMANDS)


@pytest.mark.parametrize("command", BEHIND)
def test_help_names_every_option(command: str) -> None:
    paragraph = _dev("help").stdout.partition(f"./dev {command} ")[2].partition("\n./dev ")[0]
    source = (ROOT / BEHIND[command]).read_text()
    source = source.partition('@click.command("up")')[2].partition("def ")[0] if command == "up" else source
    options = set(re.findall(r'"(--[a-z-]+)"', source))
    assert options
    assert options <= set(re.findall(r"--[a-z-]+", paragraph))


def test_what_is_no_command_is_said_so() -> None:
    wrong = _dev("tset")
    assert wrong.returncode == 1
    assert 'knows no command "tset"' in wrong.stderr
