"""Who follows the link in a letter chooses how to be told, without JavaScript, and is told what is missing."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Screen
from tests.browser.story import Story


def test_a_citizen_chooses_by_thumb_how_to_be_told(screen: Screen, story: Story) -> None:
    code, _ = story.report()
    with screen("phone", script=False) as page:
        page.goto(story.preferences(code))
        expect(page.get_by_role("heading", name="Atur pesan")).to_be_visible()
        expect(page.get_by_text(code)).to_be_visible()
        page.get_by_label("Sekali sehari").check()
        page.get_by_label("Pukul berapa").fill("")
        page.get_by_label("English").check()
        page.get_by_role("button", name="Simpan").click()
        expect(page.get_by_role("alert")).to_contain_text("Belum tersimpan")
        expect(page.get_by_label("Sekali sehari")).to_be_checked()
        page.get_by_label("Pukul berapa").fill("18:30")
        page.get_by_role("button", name="Simpan").click()
        expect(page.get_by_role("status")).to_have_text(re.compile("Saved"))
        expect(page.get_by_role("heading", name="Choose what we send")).to_be_visible()
    shown = story.system.estafet("notify", "show", code).stdout.splitlines()[-1].split()
    assert shown == [code, "-", "en", "18:30", "texts", "21:00-06:00"]
