"""What citizens do, and whoever looks at photos: write a report, send it, choose a photo, see one."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator, Page, expect

KEY = re.compile(r"^[A-Z2-7]{4}(-[A-Z2-7]{4}){5}$")


def write(page: Page, text: str = "Lampu jalan padam sejak Senin.") -> None:
    page.get_by_role("link", name="Buat laporan").first.click()
    page.get_by_label("Penerangan jalan umum").check()
    page.get_by_label("Apa yang terjadi?").fill(text)
    page.get_by_label("Kelurahan tempat kejadian").select_option(label="Bujel")
    page.get_by_label("Nama", exact=True).fill("Budi Santoso")
    page.get_by_label("Alamat email").fill("budi@warga.example")


def sent(page: Page) -> tuple[str, str]:
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan diterima")
    code, key = (page.locator(".big").nth(at).inner_text() for at in (0, 1))
    assert KEY.match(key)
    expect(page.locator("svg.qr")).to_be_visible()
    return code, key


def payload(content: bytes, name: str = "IMG_1.jpg", kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def seen(thumbnail: Locator) -> bool:
    expect(thumbnail).to_be_visible()
    thumbnail.scroll_into_view_if_needed()
    loaded = thumbnail.evaluate("each => each.decode().then(() => each.naturalWidth)")
    return bool(loaded == 320)
