"""An officer's day by clicks and by keys: on a desktop with JavaScript, on a phone without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Screen, seated
from tests.browser.desk import DPUPR, PERKIM, People, ready
from tests.browser.story import Story


def test_a_day_by_keys(screen: Screen, story: Story, people: People) -> None:
    """Lists, accept, hand on with what will come of it, note, resolve: no hand on the mouse."""
    first, second, third = (story.report(text=f"Aspal mengelupas nomor {n}.")[0] for n in range(3))
    for code in (first, second, third):
        story.wait(code, "offered")
    with seated(screen, people["dpupr"], "desktop") as page:
        press = page.keyboard.press
        ready(page, "Ditawarkan")
        expect(page.locator("[data-until]").first).to_contain_text("lagi")
        press("/")
        page.keyboard.type("aspal mengelupas")
        press("Enter")
        page.wait_for_url("**q=aspal**")
        ready(page, "Ditawarkan")
        press("j")
        press("j")
        press("k")
        expect(page.locator(".item").first.locator(".go")).to_be_focused()
        opened = page.locator(".item").first.locator(".code").inner_text().strip()
        press("Enter")
        ready(page, opened)
        press("a")
        expect(page.get_by_role("button", name="Terima")).to_be_focused()
        press("Enter")
        expect(page.locator(".notice.good")).to_contain_text("Kantor Anda sekarang pemegangnya")
        expect(page.locator(".notice.good")).to_be_focused()
        press("h")
        expect(page.get_by_label("Kantor tujuan")).to_be_focused()
        page.keyboard.type("Dinas Perumahan")
        expect(page.locator("#act-handoff [data-fate].fate")).to_have_text(f"{PERKIM} langsung diminta menerimanya.")
        press("Tab")
        page.keyboard.type("Kantor lain")
        press("Tab")
        page.keyboard.type("Tiangnya miring.")
        press("Tab")
        expect(page.get_by_role("button", name="Serahkan", exact=True)).to_be_focused()
        press("Enter")
        expect(page.locator(".notice.good")).to_contain_text("Permintaan dikirim")
        assert page.evaluate("Object.keys(localStorage).length") == 0, "what was sent is no draft any more"
        expect(page.locator(".line .offered")).to_contain_text(PERKIM)
        press("w")
        press("Enter")
        expect(page.locator(".notice.good")).to_contain_text("Kantor Anda tetap memegang")
        press("n")
        page.keyboard.type("Bahan sudah dipesan.")
        press("Tab")  # the photos
        press("Tab")
        press("Enter")
        expect(page.locator(".note.inner .text")).to_have_text("Bahan sudah dipesan.")
        press("d")
        page.keyboard.type("Sudah ditangani")
        press("Tab")
        page.keyboard.type("Ditambal dan dipadatkan.")
        press("Tab")
        press("Tab")
        press("Enter")
        expect(page.locator(".now h2")).to_have_text(f"{DPUPR} menyatakan selesai")
        press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        press("Escape")
        page.goto("/desk?list=offered&q=aspal+mengelupas")
        ready(page, "Ditawarkan")
        for _ in range(2):
            press("j")
            press("x")
        expect(page.locator(".item :checked")).to_have_count(2)
        page.get_by_role("button", name="Terima yang dipilih").focus()
        press("Enter")
        expect(page.locator(".notice.good")).to_have_text("2 dari 2 diterima.")


def test_refused_by_keys(screen: Screen, story: Story, people: People) -> None:
    code, _ = story.report(text="Pagar taman roboh.")
    story.wait(code, "offered")
    with seated(screen, people["dpupr"], "desktop", goal=f"/desk/t/{code}") as page:
        press = page.keyboard.press
        ready(page, code)
        press("r")
        page.keyboard.type("Dinas Perumahan")
        expect(page.locator("#act-refuse .fate")).to_have_text(f"{PERKIM} langsung diminta menerimanya.")
        press("Tab")
        page.keyboard.type("Bukan")
        press("Tab")
        page.keyboard.type("Pagar itu milik perumahan.")
        press("Tab")
        press("Enter")
        expect(page.locator(".notice.good")).to_contain_text("Ditolak")
        expect(page.locator(".notice.good")).to_be_focused()
    story.wait(code, "offered", "perkim")


def test_a_day_on_a_phone_without_a_script(screen: Screen, story: Story, people: People) -> None:
    code, _ = story.report(text="Selokan tersumbat ranting.")
    story.wait(code, "offered")
    with seated(screen, people["dpupr"], "phone", script=False) as page:
        page.get_by_role("searchbox").fill(code.lower())
        page.get_by_role("button", name="Cari").click()
        page.get_by_role("button", name="Terima").click()
        expect(page.locator(".notice.good")).to_contain_text("Kantor Anda sekarang pemegangnya")
        expect(page.get_by_text("Siti Aminah")).to_be_visible()
        page.locator("#act-handoff summary").click()
        page.get_by_label("Kantor tujuan").select_option(label=PERKIM)
        page.locator("#act-handoff").get_by_label("Alasan").select_option("needs-other-office")
        page.locator("#act-handoff textarea").fill("Pohonnya perlu dipangkas.")
        page.get_by_role("button", name="Periksa dulu").click()
        expect(page.locator(".fate")).to_contain_text(f"{PERKIM} langsung diminta menerimanya.")
        page.get_by_role("button", name="Serahkan").click()
        expect(page.locator(".notice.good")).to_contain_text("Permintaan dikirim")
    story.wait(code, "offered", "perkim")
    with seated(screen, people["perkim"], "phone", script=False) as page:
        page.goto(f"/desk/t/{code}")
        page.locator("#act-refuse summary").click()
        page.get_by_label("Kantor yang berwenang menurut Anda").select_option("dpupr")
        page.locator("#act-refuse").get_by_label("Alasan").select_option("not-our-task")
        page.get_by_role("button", name="Periksa dulu").click()
        expect(page.locator(".fate")).to_contain_text("Laporan dibawa ke Asisten Perekonomian dan Pembangunan")
        page.get_by_role("button", name="Tolak").click()
        expect(page.locator(".notice.good")).to_contain_text("Ditolak")
    story.wait(code, "convened")
    with seated(screen, people["asisten-ekbang"], "phone", script=False) as page:
        page.goto(f"/desk/t/{code}")
        page.locator("#act-assign summary").click()
        page.get_by_label("Kantor yang ditugaskan").select_option("dpupr")
        page.locator("#act-assign").get_by_label("Alasan").select_option("competent-office")
        page.get_by_role("button", name="Tugaskan").click()
        expect(page.locator(".line .holder")).to_contain_text("ditugaskan koordinator")
    with seated(screen, people["dpupr"], "phone", script=False) as page:
        page.goto(f"/desk/t/{code}")
        expect(page.locator(".bind")).to_contain_text("terikat penugasan Asisten Perekonomian")
        page.locator("#act-resolve summary").click()
        page.locator("#act-resolve").get_by_label("Alasan").select_option("fixed")
        page.locator("#act-resolve textarea").fill("Ranting diangkat.")
        page.locator("#act-resolve button").click()
        expect(page.locator(".line .reporter")).to_be_visible()
        page.get_by_role("button", name="Keluar").click()
        page.goto(f"/desk/t/{code}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Masuk ke meja kerja")


def test_shortcuts_can_be_switched_off(screen: Screen, people: People) -> None:
    with seated(screen, people["dlhkp"], "desktop") as page:
        ready(page, "Ditawarkan")
        page.keyboard.press("?")
        page.get_by_label("Pintasan satu huruf aktif").uncheck()
        page.get_by_role("button", name="Tutup").click()
        page.reload()
        ready(page, "Ditawarkan")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.get_by_role("button", name="Pintasan papan ketik").click()
        expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize(("size", "script"), [("desktop", True), ("phone", False)], ids=["desktop", "phone-no-script"])
def test_a_list_with_its_filter_is_an_address_to_keep(
    screen: Screen, story: Story, people: People, size: str, script: bool
) -> None:
    mark = f"kerikil{size}"
    road, _ = story.report(text=f"Aspal penuh {mark}.")
    bridge, _ = story.report(text=f"Jembatan penuh {mark}.", category="jembatan")
    story.wait(bridge, "offered")
    assert story.accept(road) == "dpupr"
    with seated(screen, people["dpupr"], size, script) as page:
        page.get_by_role("searchbox").fill(mark)
        page.keyboard.press("Enter")
        expect(page.locator(".item")).to_have_count(1)
        page.get_by_label("Kategori").select_option("jalan-kota")
        if not script:
            page.get_by_role("button", name="Saring").click()
        expect(page.locator(".item")).to_have_count(0)
        page.get_by_label("Kategori").select_option("jembatan")
        if not script:
            page.get_by_role("button", name="Saring").click()
        expect(page.locator(".item")).to_contain_text(bridge)
        kept = page.url.removeprefix(story.system.url)
    with seated(screen, people["dpupr"], size, script, goal=kept) as page:
        expect(page.locator(".item")).to_contain_text(bridge)
        expect(page.get_by_label("Kategori")).to_have_value("jembatan")
        expect(page.get_by_role("searchbox")).to_have_value(mark)
        page.get_by_role("navigation", name="Daftar").get_by_role("link", name="Dipegang").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Dipegang")


def test_the_reporter_is_asked_and_answers(screen: Screen, story: Story, people: People) -> None:
    code, key = story.report()
    office = story.accept(code)
    with (
        screen("phone", script=False) as citizen,
        seated(screen, people[office], "desktop", goal=f"/desk/t/{code}") as page,
    ):
        page.locator("#act-ask summary").click()
        page.get_by_label("Pertanyaan untuk pelapor").fill("Dekat kios yang mana?")
        page.get_by_role("button", name="Tanya pelapor").click()
        expect(page.locator(".notice.good")).to_have_text("Pertanyaan dikirim kepada pelapor.")
        citizen.goto(f"/t/{code}")
        citizen.get_by_label("Kunci laporan").fill(key)
        citizen.get_by_role("button", name="Buka laporan").click()
        expect(citizen.locator(".note .text")).to_have_text("Dekat kios yang mana?")
        citizen.get_by_label("Pesan untuk kantor pemegang").fill("Kios pisang.")
        citizen.get_by_role("button", name="Kirim").click()
        expect(page.locator(".note.own .text")).to_have_text("Kios pisang.")
