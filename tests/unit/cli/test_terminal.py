"""What somebody wrote is printed as they wrote it: a label may look like rich's markup, and is none."""

from __future__ import annotations

import pytest

from estafet.cli.terminal import table


@pytest.mark.parametrize("label", ["[red]loket[/red]", "[/]", "loket [2]"])
def test_a_cell_is_no_markup(label: str, capsys: pytest.CaptureFixture[str]) -> None:
    table([{"label": label, "office": None}], "Nothing.")
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["label", "office"]
    assert row.split() == [*label.split(), "-"]
