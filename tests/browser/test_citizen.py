"""A citizen's whole story by clicks: report, receipt, follow, reply, object, confirm; with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.citizen import sent, write
from tests.browser.conftest import SIZES, Screen
from tests.browser.story import Story


def rate(page: Page, code: str) -> None:
    """All on one page; what is not answered is skipped."""
    page.get_by_role("link", name="Nilai penanganannya").click()
    contacted = page.get_by_role("group", name="Berapa kantor yang harus Anda hubungi?")
    contacted.get_by_label("2", exact=True).check()
    page.get_by_role("group", name="Apakah selesainya cepat?").get_by_label("Agak lambat").check()
    page.get_by_role("group", name="Bagaimana biayanya?").get_by_label("Gratis").check()
    page.get_by_label("Ada yang ingin Anda tambahkan?").fill("Tukangnya ramah.")
    page.get_by_role("button", name="Kirim penilaian").click()
    expect(page.locator(".notice")).to_have_text("Terima kasih. Penilaian Anda tersimpan.")
    page.goto(f"/t/{code}/rate")
    expect(contacted.get_by_label("2", exact=True)).to_be_checked()
    expect(page.get_by_label("Ada yang ingin Anda tambahkan?")).to_have_value("Tukangnya ramah.")
    page.goto(f"/t/{code}")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", SIZES)
def test_from_the_report_to_its_end(screen: Screen, story: Story, size: str, script: bool) -> None:
    with screen(size, script) as page:
        write(page)
        code, _ = sent(page)
        office = story.accept(code)
        page.get_by_role("link", name="Lihat laporan").click()
        holder = page.locator(".line .holder")
        expect(holder.get_by_role("heading")).to_have_text("Dinas Perumahan dan Kawasan Permukiman")
        expect(page.get_by_text("Lampu jalan padam sejak Senin.")).to_be_visible()
        page.get_by_label("Pesan untuk kantor pemegang").fill("Depan nomor 7.")
        page.get_by_role("button", name="Kirim").click()
        expect(page.locator(".notice")).to_have_text("Pesan Anda terkirim.")
        expect(page.locator(".note .text")).to_have_text("Depan nomor 7.")
        story.resolve(code, office, "Lampu diganti.")
        page.get_by_role("link", name="Muat ulang").click()
        page.get_by_label("Apa yang belum selesai?").fill("Masih berkedip.")
        page.get_by_role("button", name="Belum selesai").click()
        expect(page.locator(".line .objected")).to_contain_text("Belum selesai; dibuka kembali.")
        story.resolve(code, office, "Kabelnya diperbaiki.")
        page.get_by_role("link", name="Muat ulang").click()
        page.get_by_role("button", name="Ya, sudah selesai").click()
        expect(page.locator(".now h2")).to_have_text("Laporan ditutup")
        expect(page.locator(".line li").last).to_have_class("confirmed")
        rate(page, code)
        page.get_by_role("button", name="Tutup di perangkat ini").click()
        page.get_by_label("Kode laporan").fill(code.lower().replace("-", ""))
        page.get_by_role("button", name="Lihat laporan").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(code)
        expect(page.get_by_text("Lampu jalan padam sejak Senin.")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_the_link_of_a_letter_opens_the_report_and_leaves_the_address(screen: Screen, story: Story, size: str) -> None:
    code, key = story.report(category="pungli", text="Diminta membayar.")
    with screen(size) as page:
        page.goto(f"/t/{code}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tidak ditemukan")
        page.goto("/")
        page.goto(f"/t/{code}#{key}")
        expect(page.get_by_text("Diminta membayar.")).to_be_visible()
        assert page.evaluate("location.hash") == ""
        assert key not in page.content()
        assert page.evaluate("document.cookie") == ""


def test_without_a_script_the_key_is_typed(screen: Screen, story: Story) -> None:
    code, key = story.report()
    with screen("phone", script=False) as page:
        page.goto(f"/t/{code}#{key}")
        expect(page.get_by_text("Siti Aminah")).to_have_count(0)
        page.get_by_label("Kunci laporan").fill(key.lower())
        page.get_by_role("button", name="Buka laporan").click()
        expect(page.get_by_text("Siti Aminah")).to_be_visible()


def test_an_open_page_changes_by_itself_and_never_under_somebodys_hands(screen: Screen, story: Story) -> None:
    code, key = story.report()
    story.wait(code, "offered")
    with screen("phone") as page:
        page.goto(f"/t/{code}#{key}")
        expect(page.locator(".line .offered")).to_be_visible()
        page.get_by_label("Pesan untuk kantor pemegang").fill("Sedang menulis")
        office = story.accept(code)
        expect(page.locator(".now h2")).to_have_text("Dipegang Dinas Pekerjaan Umum dan Penataan Ruang")
        expect(page.locator(".line .offered")).to_have_count(0)
        expect(page.get_by_label("Pesan untuk kantor pemegang")).to_have_value("Sedang menulis")
        story.resolve(code, office)
        page.get_by_label("Apa yang belum selesai?").fill("Masih")
        with story.office(office) as officer:
            officer.note(code, officer.ticket(code)["version"], "Terima kasih.")
        expect(page.locator(".note .text")).to_have_text("Terima kasih.")
        expect(page.get_by_label("Apa yang belum selesai?")).to_have_value("Masih")


def test_a_bounce_is_drawn_as_it_was(screen: Screen, story: Story) -> None:
    code, _ = story.report()
    coordinator = story.convene(code)
    with screen("desktop") as page:
        page.goto(f"/t/{code}")
        line = page.get_by_role("list").filter(has=page.locator(".holder")).first
        marks = line.get_by_role("listitem").evaluate_all("each => each.map(item => item.classList[0])")
        assert marks == ["passed", "holder", "refused", "refused", "convened"]
        expect(line.locator(".convened .between")).to_contain_text("Dinas Lingkungan Hidup")
        bar, chip = (line.locator(each).bounding_box() for each in (".between", ".between span:last-child"))
        assert bar
        assert chip
        assert bar["y"] < chip["y"], "the bar is above the offices it decides between"
        story.assign(code, coordinator, "perkim")
        expect(line.locator(".holder .mark")).to_contain_text("ditugaskan koordinator")


def test_what_is_typed_is_kept_until_it_is_sent_or_erased(screen: Screen) -> None:
    with screen("phone") as page:
        write(page, "Belum selesai menulis.")
        expect(page.locator(".count")).to_have_text("22 dari 4000 huruf")
        page.reload()
        expect(page.get_by_label("Apa yang terjadi?")).to_have_value("Belum selesai menulis.")
        expect(page.get_by_label("Penerangan jalan umum")).to_be_checked()
        page.get_by_role("button", name="Hapus tulisan ini").click()
        page.reload()
        expect(page.get_by_label("Apa yang terjadi?")).to_have_value("")
        write(page.get_by_role("link", name="Halaman depan").first.click() or page)
        sent(page)
        assert page.evaluate("localStorage.length") == 0


def test_categories_are_found_while_typing_and_the_confidential_ask_about_whom(screen: Screen) -> None:
    with screen("phone") as page:
        page.goto("/report")
        expect(page.get_by_label("Kantor yang Anda laporkan")).to_be_hidden()
        search = page.get_by_role("searchbox")
        search.fill("pungut")
        expect(page.locator(".choice:visible").filter(has=page.locator("[name=category]"))).to_have_count(1)
        search.fill("street light")
        expect(page.get_by_label("Penerangan jalan umum")).to_be_visible()
        search.fill("lampu mati")
        expect(page.get_by_label("Penerangan jalan umum")).to_be_visible()
        search.fill("pinjol")
        expect(page.get_by_label("Pinjaman online ilegal")).to_be_visible()
        search.fill("zzz")
        expect(page.get_by_text("Tidak ada yang cocok")).to_be_visible()
        search.fill("pung")
        page.get_by_label("Pungutan liar").check()
        expect(page.get_by_label("Kantor yang Anda laporkan")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_consent_is_asked_for_where_an_agency_may_be_and_can_be_changed_later(
    screen: Screen, story: Story, script: bool
) -> None:
    with screen("phone", script) as page:
        page.goto("/report")
        box = page.get_by_role("group", name="Bila laporan perlu diteruskan ke instansi di luar kota")
        expect(box).to_be_hidden()
        page.get_by_label("Penerangan jalan umum").check()
        expect(box).to_be_hidden()
        page.get_by_label("Air minum").check()
        box.get_by_label("Isi laporan").check()
        page.get_by_label("Apa yang terjadi?").fill("Air mati sejak kemarin.")
        code, _ = sent(page)
        story.accept(code)
        page.get_by_role("link", name="Lihat laporan").click()
        given = page.locator("#consent")
        expect(given).to_contain_text("Perumda Air Minum Kota Kediri: sudah diberi isi laporan.")
        given.get_by_label("Tempat kejadian").check()
        given.get_by_role("button", name="Simpan izin").click()
        expect(page.locator(".notice")).to_have_text("Terima kasih. Izin Anda tersimpan.")
        expect(page.locator("#consent").get_by_label("Tempat kejadian")).to_be_checked()


@pytest.mark.parametrize("size", SIZES)
def test_the_board_is_for_everybody(screen: Screen, story: Story, size: str) -> None:
    code, _ = story.report(category="taman")
    story.accept(code)
    with screen(size, script=False) as page:
        page.get_by_role("contentinfo").get_by_role("link", name="Papan kota").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Papan kota")
        page.get_by_role("link", name="90 hari").click()
        expect(page.get_by_role("link", name="90 hari")).to_have_attribute("aria-current", "page")
        assert page.url.endswith("/board?days=90")
        page.locator(".waits a").first.click()
        expect(page.locator(".line .holder")).to_be_visible()


def test_by_keyboard_alone(screen: Screen) -> None:
    with screen("desktop") as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Ke isi halaman")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Buat laporan").first).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/report")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_officer_at_the_counter_files_for_somebody_without_a_phone_and_prints(screen: Screen, script: bool) -> None:
    """Nothing but what they take home is on the one sheet; then the next person finds nothing of it."""
    with screen("desktop", script) as page:
        page.get_by_role("link", name="Buat laporan").first.click()
        page.get_by_label("Penerangan jalan umum").check()
        page.get_by_label("Apa yang terjadi?").fill("Lampu padam di gang dekat langgar.")
        page.get_by_role("button", name="Kirim laporan").click()
        code, key = (page.locator(".big").nth(at).inner_text() for at in (0, 1))
        if script:
            page.evaluate("window.print = () => (window.printed = true)")
            page.get_by_role("button", name="Cetak").click()
            assert page.evaluate("window.printed")
        page.emulate_media(media="print")
        for kept in (code, key, f"/t/{code}#{key}"):
            expect(page.get_by_text(kept).first).to_be_visible()
        expect(page.locator("svg.qr")).to_be_visible()
        for each in page.locator("button, nav, footer").all():
            expect(each).to_be_hidden()
        assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
        page.emulate_media(media="screen")
        page.get_by_role("button", name="Selesai di perangkat ini").click()
        page.goto(f"/t/{code}")
        expect(page.get_by_text("Lampu padam")).to_have_count(0)
        page.goto(f"/t/{code}/receipt")
        expect(page.locator(".key")).to_have_count(0)


def test_a_kelurahan_is_asked_for_where_it_decides_who_does_it(screen: Screen) -> None:
    with screen("phone") as page:
        page.goto("/report")
        page.get_by_label("Surat pengantar").check()
        page.get_by_label("Apa yang terjadi?").fill("Saya perlu surat pengantar.")
        page.get_by_role("button", name="Kirim laporan").click()
        expect(page.locator("#place-fault")).to_be_visible()
        expect(page.get_by_label("Apa yang terjadi?")).to_have_value("Saya perlu surat pengantar.")
        page.get_by_label("Kelurahan tempat kejadian").select_option(label="Bujel")
        page.get_by_role("button", name="Kirim laporan").click()
        page.wait_for_url("**/receipt")


def test_a_code_mistyped_by_one_character_is_told_so_where_it_was_typed(screen: Screen, story: Story) -> None:
    code, _ = story.report()
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    with screen("phone", script=False) as page:
        page.get_by_label("Kode laporan").fill(wrong)
        page.get_by_role("button", name="Lihat laporan").click()
        expect(page.locator("#code-fault")).to_be_visible()
        expect(page.get_by_label("Kode laporan")).to_have_value(wrong)
