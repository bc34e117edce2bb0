"""A coordinator ends a bounce by clicks, with and without JavaScript; and no page of theirs keeps anybody out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.checks import faults
from tests.browser.conftest import SIZES, Screen, seated
from tests.browser.desk import People
from tests.browser.story import Story

HEAVIEST = 15_000


@pytest.mark.parametrize(("size", "script"), [("phone", False), ("desktop", True)], ids=["phone-no-script", "desktop"])
def test_a_coordinator_ends_the_bounce(screen: Screen, story: Story, people: People, size: str, script: bool) -> None:
    code, _ = story.report()
    assert story.convene(code) == "asisten-ekbang"
    with seated(screen, people["asisten-ekbang"], size, script, f"/desk/convened?code={code}") as page:
        sides = page.locator(".side")
        expect(sides).to_have_count(3)
        expect(sides.nth(0)).to_contain_text("Lampu jalannya juga padam.")
        expect(sides.nth(1)).to_contain_text("Tiang itu milik taman kota.")
        expect(sides.nth(2)).to_contain_text("Taman berakhir di utara pasar.")
        tops = {round((sides.nth(at).bounding_box() or {})["y"]) for at in range(3)}
        assert len(tops) == (1 if size == "desktop" else 3), "side by side where there is room"
        page.get_by_label("Dengan kata-kata Anda").fill("Terdaftar sejak 2019.")
        page.get_by_role("button", name="Dinas Perumahan dan Kawasan Permukiman").click()
        expect(page.get_by_role("status").first).to_contain_text(f"{code} ditugaskan kepada Dinas Perumahan")
        page.goto(f"/t/{code}")
        expect(page.locator(".line .holder .mark")).to_contain_text("ditugaskan koordinator")
        expect(page.locator(".line .decided")).to_contain_text("Terdaftar sejak 2019.")


@pytest.mark.parametrize("size", SIZES)
def test_where_it_bounces_is_seen_at_once(screen: Screen, story: Story, people: People, size: str) -> None:
    code, _ = story.report()
    story.convene(code)
    with seated(screen, people["auditor"], size, goal="/desk/flows") as page:
        picture = page.get_by_role("img", name="Dari siapa kepada siapa")
        expect(picture).to_have_count(1)
        expect(picture).to_contain_text("memantul")
        expect(page.locator(".pairs li").first).to_contain_text("dihentikan:")
        letters = page.locator(".sankey:visible text").evaluate_all(
            "each => each.map(item => item.getBoundingClientRect())"
            ".filter(box => box.height < 9 || box.left < 0 || box.right > innerWidth).length"
        )
        assert letters == 0, "every name can be read, and none is cut off"
        page.get_by_role("link", name="7 hari").click()
        page.wait_for_url(re.compile("days=7"))
        with page.expect_download() as saved:
            page.get_by_role("link", name="Simpan sebagai tabel").click()
        assert saved.value.suggested_filename == "flows-7.csv"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_nothing_keeps_a_coordinator_out(
    screen: Screen, story: Story, people: People, axe: str, size: str, scheme: str, language: str
) -> None:
    for _ in range(2):
        story.convene(story.report()[0])
    found: dict[str, list[str]] = {}
    with seated(screen, people["asisten-ekbang"], size, scheme=scheme, language=language) as page:
        for place in ("convened", "flows?days=365", "overdue?all=1"):
            page.goto(f"/desk/{place}")
            found[place] = faults(page, axe)
            wire = page.evaluate("performance.getEntriesByType('navigation')[0].transferSize")
            if not 0 < wire < HEAVIEST:
                found[place].append(f"{wire} bytes")
    assert {name: each for name, each in found.items() if each} == {}


def test_what_waits_and_what_is_late_is_saved_as_tables(screen: Screen, story: Story, people: People) -> None:
    code, _ = story.report()
    coordinator = story.convene(code)
    with seated(screen, people[coordinator], "phone", script=False, goal="/desk/convened") as page:
        for tab, file in (("Perlu diputus", "convened.csv"), ("Lewat batas", "overdue.csv")):
            page.get_by_role("navigation", name="Koordinasi").get_by_role("link", name=tab).click()
            with page.expect_download() as saved:
                page.get_by_role("link", name="Simpan sebagai tabel").click()
            assert saved.value.suggested_filename == file
            table = Path(saved.value.path()).read_text()
            assert "Siti" not in table
            if file == "convened.csv":
                assert code in table
