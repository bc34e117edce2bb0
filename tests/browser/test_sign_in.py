"""An officer's way in, by clicks: the first password, the telephone, the next time, and a session that ended."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SIZES, Screen
from tests.browser.desk import PASSWORD, People, own_password, sign_in, telephone


@pytest.mark.parametrize(("size", "script"), [("phone", False), ("phone", True), ("desktop", True)])
def test_from_the_first_password_to_the_second_factor(screen: Screen, people: People, size: str, script: bool) -> None:
    assert size in SIZES
    name = f"siti.{size}.{script}".lower()
    first = people.add(name, "officer", "perkim").password
    with screen(size, script) as page:
        page.goto("/desk/account")
        sign_in(page, name, first)
        expect(page.get_by_text("dibuatkan orang lain")).to_be_visible()
        own_password(page, first)
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        page.get_by_role("link", name="Pasang kode telepon").click()
        expect(page.locator("svg.qr")).to_be_visible()
        app = telephone(page)
        page.get_by_label("Kode yang sekarang ditampilkan aplikasi").fill(app.code())
        page.get_by_role("button", name="Pasang").click()
        expect(page.locator(".codes li")).to_have_count(10)
        recovery = page.locator(".codes li").first.inner_text()
        page.get_by_role("link", name="Sudah saya simpan").click()
        page.get_by_role("button", name="Keluar").click()
        page.goto("/desk/account")
        sign_in(page, name)
        page.get_by_label("Kode enam angka").fill("000000")
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_role("alert")).to_contain_text("Kode ini keliru")
        page.get_by_label("Kode enam angka").fill(app.code(1))
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        page.get_by_role("button", name="Keluar").click()
        page.goto("/desk/account")
        sign_in(page, name)
        page.get_by_text("Telepon tidak ada?").click()
        page.get_by_label("Kode cadangan").fill(recovery)
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_text("cadangan yang tersisa: 9")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_session_that_ended_in_the_middle_of_a_form_loses_nothing(
    screen: Screen, people: People, script: bool
) -> None:
    name = f"budi.{script}".lower()
    first = people.add(name, "officer", "perkim").password
    with screen("phone", script) as page:
        page.goto("/desk/account/factor")
        sign_in(page, name, first)
        own_password(page, first)
        app = telephone(page)
        seat = [each for each in page.context.cookies() if each["name"] == "estafet_seat"]
        page.context.clear_cookies(name="estafet_seat")
        assert seat
        page.get_by_label("Kode yang sekarang ditampilkan aplikasi").fill(app.code())
        page.get_by_role("button", name="Pasang").click()
        expect(page.get_by_role("alert")).to_contain_text("sudah berakhir")
        sign_in(page, name)
        expect(page.get_by_role("heading", level=1)).to_have_text("Belum terkirim")
        page.get_by_role("button", name="Kirim sekarang").click()
        assert telephone(page).totp.secret == app.totp.secret
        page.get_by_label("Kode yang sekarang ditampilkan aplikasi").fill(app.code())
        page.get_by_role("button", name="Pasang").click()
        expect(page.locator(".codes li")).to_have_count(10)


def test_the_page_says_until_when_nothing_is_looked_at(screen: Screen, people: People) -> None:
    people.add("tamu", "auditor")
    with screen("phone") as page:
        page.goto("/desk/account")
        for _ in range(6):
            sign_in(page, "tamu", f"{PASSWORD} bukan")
        expect(page.get_by_role("alert")).to_contain_text("baru dilihat setelah")
        expect(page.get_by_role("alert")).to_contain_text("WIB")
