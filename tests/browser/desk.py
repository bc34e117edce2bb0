"""What people do at every desk: sign in, with a password and with a code."""

from __future__ import annotations

from datetime import UTC, datetime

import pyotp
from playwright.sync_api import Page

from services.tickets.signin.factor import STEP

PASSWORD = "sepeda kakek biru tua"


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Nama akun").fill(name)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk", exact=True).click()


def own_password(page: Page, old: str, new: str = PASSWORD) -> None:
    """In place of one that somebody else made."""
    page.get_by_label("Kata sandi sekarang").fill(old)
    page.get_by_label("Kata sandi baru", exact=True).fill(new)
    page.get_by_label("Kata sandi baru, sekali lagi").fill(new)
    page.get_by_role("button", name="Ganti kata sandi").click()


def telephone(page: Page) -> pyotp.TOTP:
    """An app for codes, given the key that stands on the page."""
    return pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))


def code(app: pyotp.TOTP, later: int = 0) -> str:
    """``later``: that many steps; the next one is taken too, so nobody has to wait for it."""
    return app.generate_otp(int(datetime.now(UTC).timestamp()) // STEP + later)
