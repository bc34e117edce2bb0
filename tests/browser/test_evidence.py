"""Photos at a desk by clicks: an office shows what it did, and the reporter sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.citizen import payload, seen
from tests.browser.conftest import Screen, seated
from tests.browser.desk import People
from tests.browser.story import Story
from tests.support import pictures
from tests.support.pictures import photo


def test_an_officer_resolves_with_a_photo_on_a_phone_without_a_script_and_the_reporter_sees_it(
    screen: Screen, story: Story, people: People
) -> None:
    code, key = story.report(text="Tutup selokan pecah.")
    story.photos(code, key, photo())
    assert story.accept(code) == "dpupr"
    with seated(screen, people["dpupr"], "phone", script=False) as page:
        page.goto(f"/desk/t/{code}")
        expect(page.get_by_role("img", name="Foto 1 dari 1, Pelapor")).to_be_visible()
        page.locator("#act-resolve summary").click()
        page.locator("#act-resolve").get_by_label("Alasan").select_option("fixed")
        page.locator("#act-resolve textarea").fill("Tutupnya sudah baru.")
        page.locator("#resolve-photos").set_input_files(payload(pictures.SVG, "a.png", "image/png"))
        page.locator("#act-resolve button").click()
        expect(page.locator("#resolve-photos-fault")).to_contain_text("bukan foto yang dapat kami terima")
        expect(page.locator("#act-resolve textarea")).to_have_value("Tutupnya sudah baru.")
        page.locator("#resolve-photos").set_input_files([payload(pictures.tagged()), payload(photo())])
        page.locator("#act-resolve button").click()
        expect(page.locator(".notice.good")).to_contain_text("Dinyatakan selesai")
        expect(page.get_by_role("img", name="dari 2, Dinas Pekerjaan Umum")).to_have_count(2)
    with screen("phone") as page:
        page.goto(f"/t/{code}#{key}")
        evidence = page.locator(".decide").get_by_role("img", name="dari 2, Dinas Pekerjaan Umum")
        expect(evidence).to_have_count(2)
        assert seen(evidence.first)


def test_with_a_script_photos_are_made_small_and_neither_drafts_nor_news_lose_them(
    screen: Screen, story: Story, people: People, tmp_path: Path
) -> None:
    huge = tmp_path / "IMG_2.jpg"
    huge.write_bytes(pictures.huge())
    code, key = story.report(text="Marka jalan hilang.")
    assert story.accept(code) == "dpupr"
    with seated(screen, people["dpupr"], "desktop") as page:
        page.goto(f"/desk/t/{code}")
        page.locator("[data-keys]").wait_for()
        page.keyboard.press("n")
        page.locator("#note-text").fill("Catnya sudah dipesan.")
        chosen = page.locator("#note-photos")
        chosen.set_input_files(huge)
        expect(page.locator("#act-note [data-chosen]")).to_have_text("1 foto siap dikirim, 0,1 MB.")
        page.locator("#note-text").fill("Cat sudah dipesan.")
        page.reload()
        expect(page.locator("#note-text")).to_have_value("Cat sudah dipesan.")
        assert chosen.evaluate("each => each.files.length") == 0, "a browser keeps none"
        page.locator("#note-text").fill("")
        chosen.set_input_files(huge)
        expect(page.locator("#act-note [data-chosen]")).to_contain_text("1 foto siap")
        page.locator("h1").click()
        story.photos(code, key, photo())
        expect(page.locator("[data-changed]")).to_contain_text("tidak disentuh")
        assert chosen.evaluate("each => each.files[0].size") < 400_000
        page.locator("#note-text").fill("Cat sudah dipesan.")
        page.get_by_role("button", name="Kirim juga ke pelapor").click()
        note = page.locator(".note", has_text="Cat sudah dipesan.")
        assert seen(note.get_by_role("img", name="Foto 1 dari 1, Dinas Pekerjaan Umum"))
        page.keyboard.press("n")
        chosen.set_input_files(huge)
        expect(page.locator("#act-note [data-chosen]")).to_contain_text("1 foto siap")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_coordinator_sees_the_photos_beside_the_words(
    screen: Screen, story: Story, people: People, script: bool
) -> None:
    code, key = story.report(text="Kabel menjuntai di atas trotoar.")
    story.photos(code, key, photo())
    coordinator = story.convene(code)
    with seated(screen, people[coordinator], "phone", script=script) as page:
        page.goto(f"/desk/convened?code={code}")
        expect(page.locator(".citizen").get_by_role("img", name="Foto 1 dari 1, Pelapor")).to_be_visible()
        page.get_by_role("link", name="Lihat seluruh perjalanan").click()
        page.wait_for_url(f"**/desk/t/{code}")
