"""Photos by clicks: chosen, sent with a report and a reply, seen; and what is none, said beside where it was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.citizen import payload, seen, sent, write
from tests.browser.conftest import Screen
from tests.support import pictures
from tests.support.pictures import photo


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """20 MB, as a file: through the browser's own protocol they would take longer than to the server."""
    file = tmp_path / "IMG_2.jpg"
    file.write_bytes(pictures.huge())
    return file


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_photo_with_a_report_and_another_with_a_reply(screen: Screen, script: bool) -> None:
    with screen("phone", script=script) as page:
        write(page, "Lubang di depan pasar.")
        page.get_by_label("Foto").set_input_files([payload(pictures.tagged()), payload(photo(kind="PNG"), "b.png")])
        code, _ = sent(page)
        page.goto(f"/t/{code}")
        thumbnails = page.get_by_role("img", name="Pelapor; buka ukuran penuh")
        expect(thumbnails).to_have_count(2)
        if script:  # without one nobody can ask the picture
            assert seen(thumbnails.first)
        page.get_by_label("Pesan untuk kantor pemegang").fill("Dari sisi lain.")
        page.get_by_label("Foto").set_input_files(payload(photo()))
        page.get_by_role("button", name="Kirim").click()
        note = page.locator(".note.own")
        expect(note).to_contain_text("Dari sisi lain.")
        with page.context.expect_page() as whole:
            note.get_by_role("link", name="Foto 1 dari 1").click()
        whole.value.wait_for_load_state()
        assert "/photo/" in whole.value.url
        assert "640" in whole.value.title()


def test_a_photo_of_20_mb_is_made_small_before_it_is_sent(screen: Screen, huge: Path) -> None:
    with screen("phone") as page:
        write(page, "Foto besar.")
        page.get_by_label("Foto").set_input_files(huge)
        expect(page.locator("[data-chosen]")).to_have_text("1 foto siap dikirim, 0,1 MB.")
        size = page.get_by_label("Foto").evaluate("each => each.files[0].size")
        assert size < 400_000
        code, _ = sent(page)
        page.goto(f"/t/{code}")
        assert seen(page.get_by_role("img", name="Pelapor"))


@pytest.mark.parametrize(("language", "says"), [("id", "lebih besar dari 8 MB"), ("en", "larger than 8 MB")])
def test_without_a_script_it_is_refused_and_what_was_typed_is_kept(
    screen: Screen, huge: Path, language: str, says: str
) -> None:
    text = {"id": "Apa yang terjadi?", "en": "What is the matter?"}[language]
    label = {"id": "Foto", "en": "Photos"}[language]
    with screen("phone", script=False, language=language) as page:
        page.goto("/report")
        page.locator("[name=category][value=penerangan-jalan]").check()
        page.get_by_label(text).fill("Panjang sekali ceritanya.")
        page.get_by_label(label).set_input_files(huge)
        page.locator("form.sheet > button").click()
        expect(page.locator("#photos-fault")).to_contain_text(says)
        expect(page.get_by_label(text)).to_have_value("Panjang sekali ceritanya.")
        expect(page.locator("[name=category][value=penerangan-jalan]")).to_be_checked()
        page.locator("form.sheet > button").click()
        page.wait_for_url("**/receipt")


def test_what_is_no_photo_is_left_to_the_server_to_judge(screen: Screen) -> None:
    with screen("phone") as page:
        write(page, "Bukan foto.")
        _choose(page, payload(pictures.SVG, "a.png", "image/png"))
        page.get_by_role("button", name="Kirim laporan").click()
        expect(page.locator("#photos-fault")).to_contain_text("bukan foto yang dapat kami terima")
        expect(page.get_by_label("Foto")).to_be_focused()
        expect(page.get_by_label("Apa yang terjadi?")).to_have_value("Bukan foto.")
        _choose(page, *[payload(photo(30, 30))] * 5)
        assert page.get_by_label("Foto").evaluate("each => each.validationMessage").startswith("Paling banyak 4 foto")
        _choose(page, payload(photo(30, 30)))
        sent(page)


def _choose(page: Page, *files: FilePayload) -> None:
    page.get_by_label("Foto").set_input_files(list(files))
