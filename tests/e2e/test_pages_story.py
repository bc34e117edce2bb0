"""The whole way of one report by clicks alone, in both forms: nobody in it knows of an API.

The citizen's page stays open on a phone, and tells by itself what each office does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import ExitStack
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Screen, screens, seated
from tests.browser.desk import People, Person
from tests.e2e.mailbox import Mailbox
from tests.e2e.system import System, until
from tests.support.pictures import photo

DPUPR = "Dinas Pekerjaan Umum dan Penataan Ruang"
PERKIM = "Dinas Perumahan dan Kawasan Permukiman"
DLHKP = "Dinas Lingkungan Hidup Kebersihan dan Pertamanan"
EKBANG = "Asisten Perekonomian dan Pembangunan"
CITIZEN = "siti.aminah@warga.example"
TEXT = "Jalan berlubang besar di depan pasar, dua motor sudah jatuh."

#: What the chain says of it, and which office is asked, acts or decides. Beside it stand clocks, and who was told.
STORY = [
    ("ticket.opened", None),
    ("handoff.routed", "dpupr"),
    ("handoff.offered", "dpupr"),
    ("handoff.accepted", "dpupr"),
    ("handoff.requested", "perkim"),
    ("handoff.routed", "perkim"),
    ("handoff.offered", "perkim"),
    ("handoff.refused", "perkim"),
    ("handoff.routed", "dlhkp"),
    ("handoff.offered", "dlhkp"),
    ("handoff.refused", "dlhkp"),
    ("handoff.blocked", "asisten-ekbang"),
    ("ticket.convened", "asisten-ekbang"),
    ("ticket.assigned", "perkim"),
    ("ticket.resolved", "perkim"),
    ("ticket.closed", None),
]


@pytest.fixture
def screen(browser: Browser, system: System) -> Screen:
    return screens(browser, system.url)


@pytest.fixture
def people(system: System) -> People:
    return People(system)


@pytest.mark.timeout(300)
def test_a_report_from_the_first_word_to_the_rating(
    screen: Screen, people: People, system: System, mailbox: Mailbox, form: str
) -> None:
    citizen = f"{form}.{CITIZEN}"
    first, second = people["dpupr"], people.add(f"kedua.{form}", "officer", "dpupr")
    with screen("phone") as page:
        code = report(page, citizen)
        accept_both(screen, (first, second), code)
        now(page, f"Dipegang {DPUPR}")
        expect(page.get_by_role("img", name="Pelapor; buka ukuran penuh")).to_be_visible()

        hand_on(screen, first, code)
        expect(page.locator(".line .offered h3")).to_have_text(PERKIM)
        expect(page.locator(".line")).to_contain_text("Tiang lampunya ikut miring.")

        with seated(screen, people["perkim"], "phone", script=False) as desk:
            expect(desk.locator(".item").filter(has_text=code)).to_have_count(1)
            desk.goto(f"/desk/t/{code}")
            expect(desk.locator(".line")).to_contain_text("Tiang lampunya ikut miring.")
            expect(desk.get_by_text("Siti Aminah")).to_have_count(0)
            refuse(desk, "dlhkp", "Tiang itu milik taman kota.", f"{DLHKP} langsung diminta menerimanya.")
        expect(page.locator(".line .offered h3")).to_have_text(DLHKP)
        expect(page.locator(".line .refused")).to_contain_text("Tiang itu milik taman kota.")

        with seated(screen, people["dlhkp"], "desktop", goal=f"/desk/t/{code}") as desk:
            twice = "Laporan ini sudah dua kali ditolak sejak terakhir diterima."
            convened = f"{twice} Laporan dibawa ke {EKBANG}, yang memutuskan."
            refuse(desk, "perkim", "Taman berakhir di utara pasar.", convened)
        expect(page.locator(".line .convened h3")).to_have_text(EKBANG)
        expect(page.locator(".line .refused")).to_have_count(2)

        assign(screen, people["asisten-ekbang"], code)
        now(page, f"Dipegang {PERKIM}")
        expect(page.locator(".line .decided")).to_contain_text("Terdaftar sejak 2019.")

        resolve(screen, people["perkim"], code)
        now(page, f"{PERKIM} menyatakan selesai")
        confirm_and_rate(page)
    the_letters_lead_to_it(screen, mailbox, citizen, code)
    the_chain_says_it(system, code)


def now(page: Page, says: str) -> None:
    """What an open page says by itself."""
    expect(page.locator(".now h2")).to_have_text(says)


def report(page: Page, citizen: str) -> str:
    page.get_by_role("link", name="Buat laporan").first.click()
    page.get_by_role("searchbox").fill("lubang")
    page.get_by_label("Jalan kota").check()
    page.get_by_label("Apa yang terjadi?").fill(TEXT)
    page.get_by_label("Foto").set_input_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}])
    page.get_by_label("Kelurahan tempat kejadian").select_option("35.71.01.1001")
    page.get_by_label("Nama", exact=True).fill("Siti Aminah")
    page.get_by_label("Alamat email").fill(citizen)
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan diterima")
    code = page.locator(".big").first.inner_text()
    page.get_by_role("link", name="Lihat laporan").click()
    expect(page.locator(".line .offered h3")).to_have_text(DPUPR)
    return code


def accept_both(screen: Screen, officers: Sequence[Person], code: str) -> None:
    """Two of one office press at the same moment: it is accepted once, and the other reads who has it."""
    with ExitStack() as open:
        desks = [open.enter_context(seated(screen, each, "desktop", goal=f"/desk/t/{code}")) for each in officers]
        for desk in desks:
            desk.get_by_role("button", name="Terima").click(no_wait_after=True)
        for desk in desks:
            expect(desk.locator(".notice")).to_be_visible()
            now(desk, f"Dipegang {DPUPR}")
        told = sorted(desk.locator(".notice").inner_text() for desk in desks)
    assert told[0].startswith("Belum terkirim: laporan sudah berubah")
    assert told[1] == "Diterima. Kantor Anda sekarang pemegangnya."


def hand_on(screen: Screen, officer: Person, code: str) -> None:
    with seated(screen, officer, "desktop", goal="/desk?list=held") as desk:
        desk.locator(".item").filter(has_text=code).locator(".go").click()
        expect(desk.get_by_text("Siti Aminah")).to_be_visible()
        desk.locator("#act-handoff summary").click()
        desk.get_by_label("Kantor tujuan").select_option("perkim")
        desk.locator("#act-handoff").get_by_label("Alasan").select_option("needs-other-office")
        desk.locator("#act-handoff textarea").fill("Tiang lampunya ikut miring.")
        expect(desk.locator("#act-handoff [data-fate].fate")).to_have_text(f"{PERKIM} langsung diminta menerimanya.")
        desk.get_by_role("button", name="Serahkan", exact=True).click()
        expect(desk.locator(".notice.good")).to_contain_text("Permintaan dikirim")


def refuse(desk: Page, right: str, words: str, foretold: str) -> None:
    """With a script what will come of it is told at once; without one, on a page between."""
    desk.locator("#act-refuse summary").click()
    desk.get_by_label("Kantor yang berwenang menurut Anda").select_option(right)
    desk.locator("#act-refuse").get_by_label("Alasan").select_option("not-our-task")
    desk.locator("#act-refuse textarea").fill(words)
    look = desk.get_by_role("button", name="Periksa dulu")
    if look.count():
        look.click()
    expect(desk.locator(".fate:visible")).to_have_text(foretold)
    desk.get_by_role("button", name="Tolak").click()
    expect(desk.locator(".notice.good")).to_contain_text("Ditolak")


def assign(screen: Screen, coordinator: Person, code: str) -> None:
    with seated(screen, coordinator, "desktop", goal=f"/desk/convened?code={code}") as desk:
        sides = desk.locator(".sides")
        for words in ("Tiang lampunya ikut miring.", "Tiang itu milik taman kota.", "Taman berakhir di utara pasar."):
            expect(sides).to_contain_text(words)
        desk.get_by_label("Dengan kata-kata Anda").fill("Terdaftar sejak 2019.")
        desk.get_by_role("button", name=PERKIM).click()
        expect(desk.get_by_role("status").first).to_contain_text(f"{code} ditugaskan kepada {PERKIM}")


def resolve(screen: Screen, officer: Person, code: str) -> None:
    with seated(screen, officer, "phone", script=False, goal=f"/desk/t/{code}") as desk:
        expect(desk.locator(".bind")).to_contain_text(f"terikat penugasan {EKBANG}")
        expect(desk.get_by_text("Siti Aminah")).to_be_visible()
        desk.locator("#act-resolve summary").click()
        desk.locator("#act-resolve").get_by_label("Alasan").select_option("fixed")
        desk.locator("#act-resolve textarea").fill("Lubang ditambal, tiang ditegakkan.")
        desk.locator("#act-resolve button").click()
        expect(desk.locator(".notice.good")).to_contain_text("Sekarang giliran pelapor")


def confirm_and_rate(page: Page) -> None:
    page.get_by_role("button", name="Ya, sudah selesai").click()
    now(page, "Laporan ditutup")
    expect(page.locator(".line li").last).to_have_class("confirmed")
    page.get_by_role("link", name="Nilai penanganannya").click()
    contacted = page.get_by_role("group", name="Berapa kantor yang harus Anda hubungi?")
    contacted.get_by_label("1", exact=True).check()
    page.get_by_role("button", name="Kirim penilaian").click()
    expect(page.locator(".notice")).to_have_text("Terima kasih. Penilaian Anda tersimpan.")


def the_letters_lead_to_it(screen: Screen, mailbox: Mailbox, citizen: str, code: str) -> None:
    """Opened on another phone, by the link alone."""

    def last() -> list[EmailMessage]:
        return [each for each in mailbox.to(citizen) if "ditutup" in _text(each)]

    letter = until(last, f"the letter that {code} is closed")[0]
    link = re.search(rf"http\S+/t/{code}#[A-Z2-7-]+", _text(letter))
    assert link, _text(letter)
    with screen("phone") as page:
        page.goto(link[0])
        expect(page.get_by_text(TEXT)).to_be_visible()
        now(page, "Laporan ditutup")
        assert "#" not in page.url


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())


def the_chain_says_it(system: System, code: str) -> None:
    with system.client(system.tokens()["auditor"]) as auditor:
        entries = [(each["name"], _office(json.loads(each["body"])["data"])) for each in auditor.chain(code)]
    names = {name for name, _ in STORY}
    assert [each for each in entries if each[0] in names] == STORY
    assert " 0 broken" in system.estafet("chain", "--verify").stdout


def _office(data: dict[str, Any]) -> str | None:
    return data.get("receiver") or data.get("office") or data.get("coordinator")
