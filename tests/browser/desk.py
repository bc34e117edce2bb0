"""People who have a desk: accounts of their own, and what all of them do: sign in, with a password and with a code."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.e2e.system import System
from tests.support.telephone import Telephone

#: Everybody's own, once they took one.
PASSWORD = "sepeda kakek biru tua"

#: Two offices, as their pages name them.
DPUPR = "Dinas Pekerjaan Umum dan Penataan Ruang"
PERKIM = "Dinas Perumahan dan Kawasan Permukiman"


@dataclass
class Person:
    """``owes``: somebody else knows the password, so they take one of their own when they first sign in."""

    name: str
    password: str
    owes: bool = True


class People:
    """Accounts by whose desk it is: an office, or a role that belongs to none; made when first asked for."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._known: dict[str, Person] = {}
        with system.client() as client:
            self._kinds = {each["code"]: each["kind"] for each in client.offices()}

    def __getitem__(self, whose: str) -> Person:
        if whose not in self._known:
            kind = self._kinds.get(whose)
            office = [whose] if kind else []
            role = "coordinator" if kind == "coordinator" else "officer" if kind else whose
            self._known[whose] = self.add(f"petugas.{whose}", role, *office)
        return self._known[whose]

    def add(self, name: str, role: str, *office: str) -> Person:
        """As the operator does it, who hands on the password that is printed."""
        return Person(name, self._system.estafet("account", "add", name, role, *office, input="").stdout.split()[0])


def sit_down(page: Page, person: Person, goal: str = "/desk") -> None:
    """Sign in on the way to a page of the desk."""
    page.goto(goal)
    sign_in(page, person.name, person.password)
    if person.owes:
        own_password(page, person.password)
        person.password, person.owes = PASSWORD, False
    page.locator("[data-leave]").wait_for()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    _field(page, "Nama akun", "Account name").fill(name)
    _field(page, "Kata sandi", "Password").fill(password)
    _button(page, "Masuk", "Sign in").click()


def own_password(page: Page, old: str, new: str = PASSWORD) -> None:
    """In place of one that somebody else made."""
    _field(page, "Kata sandi sekarang", "Present password").fill(old)
    _field(page, "Kata sandi baru", "New password").fill(new)
    _field(page, "Kata sandi baru, sekali lagi", "New password, once more").fill(new)
    _button(page, "Ganti kata sandi", "Change the password").click()


def ready(page: Page, title: str) -> None:
    """This page is there, and so is its script."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    expect(page.get_by_role("button", name="Pintasan papan ketik")).to_be_visible()


def telephone(page: Page) -> Telephone:
    return Telephone(page.locator(".secret").inner_text())


def _field(page: Page, indonesian: str, english: str) -> Locator:
    return page.get_by_label(indonesian, exact=True).or_(page.get_by_label(english, exact=True))


def _button(page: Page, indonesian: str, english: str) -> Locator:
    return page.get_by_role("button", name=indonesian, exact=True).or_(
        page.get_by_role("button", name=english, exact=True)
    )
