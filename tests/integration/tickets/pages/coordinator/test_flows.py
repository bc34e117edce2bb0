"""The page of flows and the page of what is late, as they are read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from services.tickets.tables import handoffs, tickets
from tests.integration.tickets.pages.coordinator.test_convened import bounced
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import text_of
from tests.integration.tickets.served import Served


@pytest.fixture
def coordinator(served: Served) -> Officer:
    officer = Officer(served, "coordinator:asisten")
    officer.sign_in("/desk/flows")
    return officer


def now_it_began(served: Served, code: str) -> None:
    """The service's clock is the real one; the town's is not."""
    with served.town.works.database.begin() as connection:
        connection.execute(update(handoffs).where(handoffs.c.code == code).values(began_at=datetime.now(UTC)))


def test_the_picture_says_what_the_table_says(served, coordinator):
    now_it_began(served, bounced(served).code)
    page = coordinator.get("/desk/flows?days=7")
    sums = dict(zip(*(re.findall(rf"<{tag}>(.*?)</{tag}>", page.text) for tag in ("dt", "dd")), strict=False))
    table = page.text.partition("<tbody>")[2]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table.split("</tr>")[:-1]]
    columns = [sum(0 if cell == "–" else int(cell) for cell in column) for column in zip(*cells, strict=True)]
    assert [int(sums[each]) for each in ("menunggu jawaban", "ditolak", "tidak dijawab")] == columns[2:5]
    for size in ("at-desk", "on-phone"):
        picture = page.text.partition(f'class="sankey {size}"')[2].partition("</svg>")[0]
        ribbons = re.findall(r'<path class="(\w+)[^"]*" d="[^"]+"><title>([^<]*?): (\d+) ', picture)
        assert sum(int(count) for kind, _, count in ribbons if kind == "turned") == sum(columns[3:6])
        assert ("turned", "Jalan → Taman") in {(kind, pair) for kind, pair, _ in ribbons}
    assert "Loket" not in table
    assert "Loket" in coordinator.get("/desk/flows?days=7&desk=1").text.partition("<tbody>")[2]


def test_the_bounce_is_listed_by_its_pair(served, coordinator):
    now_it_began(served, bounced(served).code)
    page = text_of(coordinator.get("/desk/flows"))
    assert "Pingpong yang dihentikan" in page
    assert re.search(r"Taman\s+Utara\s+dihentikan: \d+, laporan: \d+", page)


def test_by_kind_of_office_and_by_office_as_an_address_that_can_be_kept(served, coordinator):
    now_it_began(served, bounced(served).code)
    kecamatan = coordinator.get("/desk/flows?kind=kecamatan").text.partition("<tbody>")[2]
    assert "Utara" in kecamatan
    assert '→ <a href="?days=30&amp;kind=kecamatan&amp;office=taman' not in kecamatan
    one = coordinator.get("/desk/flows?office=utara")
    assert "Utara" in one.text.partition("<h1>")[2].partition("</h1>")[0]
    assert 'href="?days=90&amp;office=utara"' in one.text


def test_what_is_late_below_me_and_in_the_whole_city(served, coordinator):
    report = served.report().held("jalan")
    long_ago = datetime.now(UTC) - timedelta(days=400)
    with served.town.works.database.begin() as connection:
        connection.execute(update(tickets).where(tickets.c.code == report.code).values(resolve_by=long_ago))
    page = text_of(coordinator.get("/desk/overdue"))
    assert "Jalan" in page
    assert "Minggu demi minggu" in page
    below = Officer(served, "coordinator:utara")
    below.sign_in("/desk/flows")
    assert "Jalan" not in text_of(below.get("/desk/overdue")).partition("Menunggu koordinator")[0]
    assert "Jalan" in text_of(below.get("/desk/overdue?all=1"))
