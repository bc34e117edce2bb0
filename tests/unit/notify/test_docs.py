"""The pages for officers and citizens say what the letters and the reasons say."""

from __future__ import annotations

from pathlib import Path

from estafet.events.reasons import REASONS, reasons_for

DOCS = Path(__file__).parents[3] / "docs"


def test_officers_are_shown_every_reason_they_may_give() -> None:
    page = (DOCS / "officer.md").read_text()
    for reason in REASONS.values():
        if reason.code not in reasons_for("first"):
            assert f"| `{reason.code}` | {reason.id} ({reason.en}) |" in page


def test_every_subject_that_a_page_quotes_is_one_that_letters_have() -> None:
    wording = Path(__file__).parents[3] / "city" / "kediri" / "wording" / "id"
    letters = "\n".join(path.read_text() for path in wording.glob("*.txt")).lower()
    for page in ("officer.md", "citizen.md"):
        table = (DOCS / page).read_text().partition("| the letter says |")[2].partition("\n\n")[0]
        quoted = [line.split("*")[1] for line in table.splitlines() if line.startswith("| *")]
        assert len(quoted) > 8
        for subject in quoted:
            for part in subject.replace("…", "/").split("/"):
                assert part.strip().lower() in letters, subject
