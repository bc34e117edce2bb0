"""The city made for a log can be loaded, and offers each report to the log's first office."""

from __future__ import annotations

from pathlib import Path

from estafet.cli.replay import city as replaycity
from estafet.cli.replay import handofflog
from services.routing.city.directory import Directory
from services.routing.city.files import read

LOG = """case,time,resource
a,2010-03-31 14:59:42+00:00,1
a,2010-03-31 15:59:42+00:00,2
b,2010-03-31 14:59:42+00:00,3
"""


def test_it_is_fit_to_load(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    log = handofflog.read(tmp_path / "log.csv")
    replaycity.write(log, tmp_path / "city", "A log", hop_budget=None)
    city = read(tmp_path / "city")
    directory = Directory(city)
    assert {office.code for office in city.offices if office.can_hold} == {"t1", "t2", "t3"}
    assert city.policy.hop_budget is None
    for first in ("t1", "t3"):
        office = directory.competent(replaycity.category(first))
        assert office is not None
        assert office.code == first
    assert directory.coordinator_above({"t1", "t2", "t3"}) == replaycity.COORDINATOR
