"""What an officer is writing is not lost and is nobody else's: pages change, sessions end, others sit down."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Screen, seated
from tests.browser.desk import DPUPR, People, ready, sign_in, sit_down
from tests.browser.story import Story


def test_an_open_desk_changes_by_itself_and_never_under_somebodys_hands(
    screen: Screen, story: Story, people: People
) -> None:
    mark = "berlumut"
    with seated(screen, people["dpupr"], "desktop") as page:
        page.goto(f"/desk?list=offered&q={mark}")
        expect(page.locator(".item")).to_have_count(0)
        code, _ = story.report(text=f"Trotoar {mark} di tikungan.")
        story.wait(code, "offered")
        expect(page.locator(".item")).to_have_count(1)
        expect(page.locator("[data-changed]")).to_have_text("Halaman ini baru saja diperbarui.")
        page.locator(".item .go").click()
        ready(page, code)
        page.keyboard.press("r")
        page.locator("#act-refuse textarea").fill("Sedang menulis.")
        assert story.accept(code) == "dpupr"
        expect(page.locator(".now h2")).to_have_text(f"Dipegang {DPUPR}")
        expect(page.locator("#act-refuse textarea")).to_have_value("Sedang menulis.")
        expect(page.locator("[data-changed]")).to_contain_text("tidak disentuh")
        page.get_by_label("Kantor yang berwenang menurut Anda").select_option("perkim")
        page.locator("#act-refuse").get_by_label("Alasan").select_option("not-our-task")
        page.get_by_role("button", name="Tolak").click()
        expect(page.locator(".notice")).to_contain_text("laporan sudah berubah")
        expect(page.locator(".notice")).to_contain_text(f"Dipegang {DPUPR} sejak")
        expect(page.get_by_role("textbox", name="Yang Anda tulis")).to_have_value("Sedang menulis.")


def test_drafts_are_kept_until_they_are_sent_their_writer_leaves_or_somebody_else_comes(
    screen: Screen, story: Story, people: People
) -> None:
    code, _ = story.report(text="Jembatan kayu lapuk.")
    story.wait(code, "offered")
    with seated(screen, people["dpupr"], "desktop") as page:
        page.goto(f"/desk/t/{code}")
        ready(page, code)
        page.keyboard.press("r")
        page.locator("#act-refuse textarea").fill("Itu jalan provinsi.")
        page.reload()
        expect(page.locator("#act-refuse textarea")).to_have_value("Itu jalan provinsi.")
        expect(page.locator("#act-refuse textarea")).to_be_visible()
        mine = page.context.cookies()
        page.context.clear_cookies(name="estafet_seat")  # the session ends by itself, and somebody else sits down
        sit_down(page, people["asisten-ekbang"], f"/desk/t/{code}")
        ready(page, code)
        assert page.evaluate("JSON.stringify(localStorage)") == "{}"
        page.context.clear_cookies(name="estafet_seat")
        page.context.add_cookies(mine)
        page.goto(f"/desk/t/{code}")
        ready(page, code)
        page.keyboard.press("r")
        page.locator("#act-refuse textarea").fill("Itu jalan provinsi.")
        page.get_by_role("button", name="Keluar").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Masuk ke meja kerja")
        assert page.evaluate("Object.keys(localStorage).length") == 0


def test_a_session_that_ended_in_the_middle_of_a_handoff_loses_no_word(
    screen: Screen, story: Story, people: People
) -> None:
    code, _ = story.report()
    person = people[story.accept(code)]
    with seated(screen, person, "phone", goal=f"/desk/t/{code}") as page:
        page.locator("#act-handoff summary").click()
        page.get_by_label("Kantor tujuan").select_option("perkim")
        page.locator("#act-handoff").get_by_label("Alasan").select_option("needs-other-office")
        page.locator("#act-handoff textarea").fill("Kabelnya menjuntai.")
        page.context.clear_cookies(name="estafet_seat")
        page.get_by_role("button", name="Serahkan", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("sudah berakhir")
        sign_in(page, person.name)
        expect(page.get_by_role("main")).to_contain_text("Kabelnya menjuntai.")
        page.get_by_role("button", name="Kirim sekarang").click()
        expect(page.locator(".notice.good")).to_contain_text("Permintaan dikirim")
