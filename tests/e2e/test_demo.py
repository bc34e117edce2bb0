"""The demo plays against both forms, and its chains hold."""

from __future__ import annotations

import re

from tests.e2e.system import System


def test_the_demo_plays_to_its_end(system: System) -> None:
    said = system.estafet("demo").stdout
    verified = re.findall(r"verified (KDR-\w{4}-\w{3}): (\d+) entries", said)
    assert len(verified) == 2, said
    for step in ("handoff.blocked", "ticket.convened", "ticket.assigned", "referral.answered", "ticket.closed"):
        assert step in said
    drawn = [line for line in said.splitlines() if "─ " in line]
    assert any("stays its holder.  0 of at most" in line and len(line) > 200 for line in drawn), "nothing is cut off"
    assert any("notification.sent to kecamatan-" in line for line in drawn[len(drawn) // 2 :]), "the camat is told"
    everything = system.estafet("chain", "--verify").stdout
    assert "0 broken" in everything
    auditor = system.tokens()["auditor"]
    for code, entries in verified:
        one = system.estafet("chain", code, "--verify", "--token", auditor).stdout
        assert int(re.findall(r"whole, (\d+) entries", one)[0]) >= int(entries)
        assert "ticket.opened" in system.estafet("chain", code, "--token", auditor).stdout
