"""A city's mistake in its wording is found before anybody is written to, and said by file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from estafet.settings import default_city
from services.notify.messages import CONFIDENTIAL
from services.notify.wording import specimens
from services.notify.wording.phrasebook import WordingError, packaged
from services.notify.wording.proof import prove


@pytest.fixture
def wording(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_city() / "wording", tmp_path / "wording"))


def test_kediris_wording_holds() -> None:
    assert prove(default_city() / "wording").messages("id") == packaged().messages("en")


def test_the_specimens_are_every_message_there_is() -> None:
    shown = {each.template for each in specimens.specimens()}
    assert shown == packaged().messages("id")
    assert CONFIDENTIAL in shown


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "id/handoff-offered-reporter.txt",
            "{{ holder |",
            "{{ holdr |",
            "id/handoff-offered-reporter.txt, line 4: 'holdr'",
        ),
        ("en/_words.txt", "{% endif %}", "", "en/_words.txt, line 3: "),
        ("en/_words.txt", "words |", "wrds |", "en/_words.txt, line 3: 'wrds' is undefined"),
        (
            "id/note-added-office.txt",
            "| office",
            "| kantor",
            "id/note-added-office.txt, line 4: No filter named 'kantor'",
        ),
        (
            "en/ticket-closed-reporter.txt",
            "{{ code }}",
            "{{ code.format() }}",
            "en/ticket-closed-reporter.txt, line 8: ",
        ),
        ("id/_follow.txt", "\n{{ link }}", " {{ link }}", "id/_follow.txt: must have {{ link }} on a line of its own"),
        ("en/_desk.txt", "{{ link }}", "", "en/_desk.txt: must have {{ link }} on a line of its own"),
        ("en/_follow.txt", "{{ stop }}", "", "en/_follow.txt: must have {{ stop }} on a line of its own"),
        ("id/_choose.txt", "{{ choose }}", "", "id/_choose.txt: must have {{ choose }} on a line of its own"),
        ("en/_preferences.txt", "{{ office |", "{{ ofice |", "en/_preferences.txt, line 6: 'ofice' is undefined"),
        ("id/_gone.txt", "Ambillah", "{{ link }}", "id/_gone.txt, line 3: 'link' is undefined"),
        ("preferences.html", "{{ headline }}", "{{ heading }}", "preferences.html, line "),
        ("id/terms.yaml", "line-holder:", "line-holdr:", "id/terms.yaml: has no 'line-holder'"),
        ("id/terms.yaml", "held: sedang", "held: [sedang", "id/terms.yaml, line "),
        ("en/terms.yaml", "and: and", "and: 7", "en/terms.yaml: must be words"),
        ("letter.html", "{{ headline }}", "{{ heading }}", "letter.html, line "),
        ("page.html", "{{ headline }}", "{{ heading }}", "page.html, line "),
        ("id/_stop.txt", "{{ code }}", "{{ kode }}", "id/_stop.txt, line 3: 'kode' is undefined"),
    ],
)
def test_a_mistake_is_named(wording: Path, file: str, old: str, new: str, expected: str) -> None:
    path = wording / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(WordingError) as error:
        prove(wording)
    assert any(str(fault).startswith(expected) for fault in error.value.faults), str(error.value)


def test_a_message_without_words_and_words_of_no_message_are_named(wording: Path) -> None:
    (wording / "en" / "ticket-closed-holder.txt").rename(wording / "en" / "ticket-close-holder.txt")
    with pytest.raises(WordingError) as error:
        prove(wording)
    said = str(error.value)
    assert "en/ticket-close-holder.txt: is the wording of no message: is its name misspelt?" in said
    assert "en/ticket-closed-holder.txt: is missing: this message has no words" in said


def test_a_letter_without_a_headline_is_named(wording: Path) -> None:
    (wording / "id" / "note-added-office.txt").write_text("\nCatatan baru.\n")
    with pytest.raises(WordingError, match=r"id/note-added-office.txt, line 1: must begin with its headline"):
        prove(wording)


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match=r"letter\.html: cannot be read: No such file or directory"):
        prove(tmp_path / "nowhere")
    (tmp_path / "letter.html").write_bytes(b"\xff")
    with pytest.raises(WordingError, match=r"letter\.html: is not UTF-8 text"):
        prove(tmp_path)
