"""Every page, in the order in which people meet it: how it is opened."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from estafet.events.documents import ROOT
from services.notify import store
from services.notify.preferences import stopping
from tests.bed.process import free_ports
from tests.browser.desk import sign_in
from tests.browser.gallery.kediri import Kediri, scene
from tests.browser.gallery.town import NOW, PASSWORD

#: A visitor: opens the page, in a browser of somebody who is who they need to be.
Open = Callable[["Visits"], Page]


class Visits:
    """Browsers before one city: the reporters' own, and one for each who signed in."""

    def __init__(self, kediri: Kediri, new: Callable[[], BrowserContext]) -> None:
        self.kediri, self.town = kediri, kediri.town
        self._new = new
        self._seats: dict[str, BrowserContext] = {}
        self._console: subprocess.Popen[str] | None = None

    def anybody(self, path: str) -> Page:
        page = self._page(self._new())
        page.goto(path)
        return page

    def reporter(self, name: str, rest: str = "") -> Page:
        """Of a report, with its key."""
        code, key = self.kediri.reports[name]
        page = self.anybody(f"/t/{code}#{key}")
        page.locator("form[action='/leave']").wait_for()
        page.goto(f"/t/{code}{rest}")
        return page

    def public(self, name: str) -> Page:
        return self.anybody(f"/t/{self.kediri.reports[name][0]}")

    def desk(self, who: str, path: str) -> Page:
        """Of somebody who signed in."""
        if who not in self._seats:
            self._seats[who] = self._new()
            page = self._page(self._seats[who])
            page.goto("/desk")
            sign_in(page, who, PASSWORD)
            page.locator("[data-leave]").wait_for()
            page.close()
        page = self._page(self._seats[who])
        page.goto(path)
        return page

    def case(self, who: str, name: str) -> Page:
        return self.desk(who, f"/desk/t/{self.kediri.reports[name][0]}")

    def console(self, path: str) -> Page:
        """The operator's, which lasts as long as these visits."""
        if self._console is None:
            port = free_ports(1)
            command = [sys.executable, "-m", "estafet.cli.main", "console", "--port", str(port)]
            environment = self.town.system.environment
            self._console = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
            assert self._console.stdout
            found = re.search(r"http://\S+", self._console.stdout.readline())
            assert found
            self._key = found[0]
        page = self._new().new_page()
        page.goto(self._key)
        page.goto(self._key.partition("/?")[0] + path)
        return page

    def close(self) -> None:
        if self._console is not None:
            self._console.send_signal(signal.SIGINT)
            self._console.wait(timeout=20)

    def _page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.clock.set_fixed_time(NOW)
        page.set_default_timeout(20_000)
        return page


def _form(visits: Visits) -> Page:
    page = visits.anybody("/report")
    page.locator("[name=category][value=penerangan-jalan]").check()
    page.locator("textarea").first.fill("Lampu jalan di depan balai RW padam sejak Senin. Malam hari gelap sekali.")
    page.locator("select[name=place]").select_option(label="Bujel")
    page.locator("[name=photos]").set_input_files(
        [{"name": "lampu.jpg", "mimeType": "image/jpeg", "buffer": scene("road")}]
    )
    page.locator("[data-chosen]").filter(has_text="siap").wait_for()
    page.evaluate("document.activeElement.blur()")
    return page


def _check(visits: Visits) -> Page:
    """What will come of it, before it is sent: as a page, for who has no JavaScript."""
    page = visits.case("rini.dpupr", "held")
    page.locator("[data-keys]").wait_for()
    form = page.locator("#act-handoff form")
    page.locator("#act-handoff summary").click()
    form.locator("select[name=receiver]").select_option("perkim")
    form.locator("select[name=reason]").select_option("needs-other-office")
    form.locator("textarea").fill("Pagarnya selesai. Lampu di atasnya yang padam.")
    form.evaluate("each => { each.action = each.action.replace('/handoff', '/check'); each.submit() }")
    page.locator("main .box .facts").wait_for()
    return page


def _several(visits: Visits) -> Page:
    """Three are ticked; one of them another officer of the office has taken meanwhile."""
    page = visits.desk("rini.dpupr", "/desk")
    page.locator(".item [type=checkbox]").first.wait_for()
    for each in page.locator(".item [type=checkbox]").all()[:3]:
        each.check()
    taken = page.locator(".item .code").nth(1).inner_text().strip()
    visits.town.accept(taken)
    page.locator(".item [type=checkbox]").nth(0).evaluate("each => each.form.submit()")
    page.locator(".taken").first.wait_for()
    return page


def _stop(visits: Visits) -> Page:
    code, _ = visits.kediri.reports["held"]
    system = visits.town.system
    with system.database("notify") as database, database.read() as connection:
        secret = store.contacts(connection, [code])[code].secret
    address = stopping.address("https://x", code, secret or "") or ""
    return visits.anybody(address.replace("https://x", system.address("notify")))


def _preferences(reader: str) -> Open:
    return lambda visits: visits.anybody(visits.town.preferences(visits.kediri.reports.get(reader, (reader, ""))[0]))


def _console(visits: Visits) -> Page:
    visits.town.garble()
    return visits.console("/")


PAGES: dict[str, Open] = {
    "front": lambda visits: visits.anybody("/"),
    "report": _form,
    "receipt": lambda visits: visits.reporter("offered", "/receipt"),
    "follow-offered": lambda visits: visits.reporter("offered"),
    "follow-refused": lambda visits: visits.public("refused"),
    "follow-convened": lambda visits: visits.reporter("convened"),
    "follow-resolved": lambda visits: visits.reporter("resolved"),
    "follow-closed": lambda visits: visits.reporter("closed"),
    "rate": lambda visits: visits.reporter("closed", "/rate"),
    "board": lambda visits: visits.anybody("/board?days=30"),
    "not-found": lambda visits: visits.anybody("/t/KDR-1111-111"),
    "preferences": _preferences("held"),
    "letters-stop": _stop,
    "sign-in": lambda visits: visits.anybody("/desk"),
    "desk-list": lambda visits: visits.desk("rini.dpupr", "/desk"),
    "desk-held": lambda visits: visits.desk("rini.dpupr", "/desk?list=held"),
    "desk-offered": lambda visits: visits.case("rini.dpupr", "offered"),
    "desk-report": lambda visits: visits.case("rini.dpupr", "convened"),
    "desk-check": _check,
    "desk-several": _several,
    "desk-refused": lambda visits: visits.desk("rini.dpupr", "/desk/t/KDR-1111-111"),
    "account": lambda visits: visits.desk("rini.dpupr", "/desk/account"),
    "factor": lambda visits: visits.desk("rini.dpupr", "/desk/account/factor"),
    "convened": lambda visits: visits.desk("ekbang", "/desk/convened"),
    "flows": lambda visits: visits.desk("ekbang", "/desk/flows?days=30"),
    "overdue": lambda visits: visits.desk("ekbang", "/desk/overdue"),
    "preferences-office": _preferences("dpupr"),
    "contracts": lambda visits: visits.anybody((ROOT / "docs/contracts/index.html").as_uri()),
    "console": _console,
}
