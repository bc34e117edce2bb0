"""axe-core finds nothing on any page, in both languages and colour schemes, on phone and desktop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.checks import faults
from tests.browser.conftest import Screen, seated
from tests.browser.desk import People, Person, own_password, sign_in, telephone
from tests.browser.story import Story
from tests.support.pictures import photo


@pytest.fixture(scope="session")
def places(story: Story) -> dict[str, tuple[str, str | None]]:
    """Every page, in its states: its address, and the key that opens it."""
    convened, key = story.report()
    coordinator = story.convene(convened)
    resolved, other = story.report()
    story.convene(resolved)
    story.assign(resolved, coordinator, "perkim")
    story.resolve(resolved, "perkim", "Selesai.")
    story.system.estafet("notify", "prefer", "perkim", "--language", "en", "--digest", "07:00")
    theirs = story.preferences(convened)
    pictured, key_of_it = story.report()
    story.photos(pictured, key_of_it, photo(), photo(300, 400))
    referred, third = story.report(category="air-minum", consent=["text"])
    story.accept(referred)
    offered, _ = story.report()
    story.wait(offered, "offered")
    return {
        "front": ("/", None),
        "mistyped": ("/?code=KDR-1111-112", None),
        "report": ("/report", None),
        "offered": (f"/t/{offered}", None),
        "convened": (f"/t/{convened}", key),
        "resolved": (f"/t/{resolved}", other),
        "photos": (f"/t/{pictured}", key_of_it),
        "receipt": (f"/t/{resolved}/receipt", other),
        "referred": (f"/t/{referred}", third),
        "rate": (f"/t/{resolved}/rate", other),
        "board": ("/board?days=365", None),
        "contracts": ("/contracts", None),
        "not-found": ("/t/KDR-1111-111", None),
        "no-page": ("/nowhere", None),
        "preferences": (theirs, None),
        "preferences-office": (story.preferences("perkim"), None),
        "preferences-gone": (theirs.replace("/page", "x/page"), None),
    }


@pytest.fixture(scope="session")
def desks(story: Story, people: People) -> dict[str, tuple[str, Person]]:
    """Every page of a desk, in its states: its address, and who sits there."""
    offered, _ = story.report()
    story.wait(offered, "offered")
    convened, _ = story.report()
    coordinator = story.convene(convened)
    held, held_key = story.report(consent=["text"])
    story.photos(held, held_key, photo(), photo(300, 400))
    story.accept(held)
    officer, decider = people["dpupr"], people[coordinator]
    return {
        "offered list": ("/desk", officer),
        "waiting list": ("/desk?list=waiting", officer),
        "empty list": ("/desk?list=overdue&q=xyzzy", officer),
        "offered": (f"/desk/t/{offered}", officer),
        "held": (f"/desk/t/{held}", officer),
        "convened": (f"/desk/t/{convened}", decider),
        "not found": ("/desk/t/KDR-1111-111", officer),
    }


#: On each page of a desk every form is opened, and every choice made.
_OPENED = """() => {
  for (const each of document.querySelectorAll('details')) each.open = true;
  for (const each of document.querySelectorAll('select')) {
    each.selectedIndex = each.options.length - 1;
    if (!each.matches('[data-sends]')) each.dispatchEvent(new Event('change', {bubbles: true}));
  }
}"""


@contextmanager
def shown(screen: Screen, place: tuple[str, str | None], *seen: Any) -> Iterator[Page]:
    size, scheme, language = seen
    path, key = place
    with screen(size, scheme=scheme, language=language) as page:
        if key:
            page.goto(f"{path.removesuffix('/receipt').removesuffix('/rate')}#{key}")
            page.locator("form[action='/leave']").wait_for()
        page.goto(path)
        yield page


def _desk_pages(page: Page, name: str, first: str) -> Iterator[str]:
    """Every page of coming in and of the account, by its name, one after the other."""
    page.goto("/desk/account")
    yield "sign-in"
    sign_in(page, name, "salah sama sekali")
    yield "wrong"
    sign_in(page, name, first)
    yield "password"
    own_password(page, first)
    yield "account"
    page.goto("/desk/account/factor")
    yield "factor"
    app = telephone(page)
    page.locator("#otp").fill(app.code())
    page.locator("main form button").first.click()
    yield "codes"
    page.goto("/desk/account")
    yield "account-with-factor"
    page.context.clear_cookies(name="estafet_seat")
    page.locator("#otp").fill(app.code())
    page.locator("main form button").first.click()
    yield "ended"
    sign_in(page, name)
    page.locator("summary").click()
    yield "code"
    page.locator("#otp").fill(app.code(1))
    page.locator("main form > button").click()
    yield "again"


@pytest.mark.parametrize(("size", "scheme", "language"), [("phone", "light", "id"), ("desktop", "dark", "en")])
def test_nothing_keeps_anybody_from_signing_in(
    screen: Screen, people: People, axe: str, size: str, scheme: str, language: str
) -> None:
    name = f"axe.{size}"
    first = people.add(name, "officer", "perkim").password
    found: dict[str, list[str]] = {}
    with screen(size, scheme=scheme, language=language) as page:
        for each in _desk_pages(page, name, first):
            found[each] = faults(page, axe)
    assert {name: each for name, each in found.items() if each} == {}
    assert len(found) == 10


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_nothing_keeps_anybody_out(
    screen: Screen, axe: str, places: dict[str, tuple[str, str | None]], size: str, scheme: str, language: str
) -> None:
    found: dict[str, list[str]] = {}
    for name, place in places.items():
        with shown(screen, place, size, scheme, language) as page:
            found[name] = faults(page, axe)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_nothing_keeps_anybody_from_their_desk(
    screen: Screen, axe: str, desks: dict[str, tuple[str, Person]], size: str, scheme: str, language: str
) -> None:
    found: dict[str, list[str]] = {}
    for name, (path, who) in desks.items():
        with seated(screen, who, size, scheme=scheme, language=language) as page:
            page.goto(path)
            page.locator("[data-keys]").wait_for()
            page.evaluate(_OPENED)
            found[name] = faults(page, axe)
            page.locator("[data-keys]").click()
            found[f"{name}, keys"] = faults(page, axe)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize(("size", "scheme", "language"), [("phone", "light", "id"), ("desktop", "dark", "en")])
def test_nothing_keeps_anybody_from_what_a_desk_answers(
    screen: Screen, story: Story, people: People, axe: str, size: str, scheme: str, language: str
) -> None:
    held, _ = story.report()
    story.accept(held)
    offered, _ = story.report()
    story.wait(offered, "offered")
    found: dict[str, list[str]] = {}
    with seated(screen, people["dpupr"], size, scheme=scheme, language=language, goal=f"/desk/t/{held}") as page:
        page.locator("[data-keys]").wait_for()
        page.evaluate(_OPENED)
        handoff = page.locator("#act-handoff form")
        handoff.locator("textarea").fill("Lampunya padam.")
        handoff.evaluate("each => { each.receiver.selectedIndex = each.reason.selectedIndex = 0; each.submit() }")
        page.locator("main [role=alert]").first.wait_for()
        found["not sent"] = faults(page, axe)
        page.locator("#act-handoff select[name=receiver]").select_option("perkim")
        page.locator("#act-handoff select[name=reason]").select_option("needs-other-office")
        handoff.evaluate("each => { each.action = each.action.replace('/handoff', '/check'); each.submit() }")
        page.locator("main .box .facts").wait_for()
        found["what comes of it"] = faults(page, axe)
        page.goto("/desk")
        ticks = page.locator(".item [type=checkbox]")
        ticks.first.check()
        ticks.first.evaluate("each => each.form.submit()")
        page.locator(".taken").first.wait_for()
        found["several"] = faults(page, axe)
    assert {name: each for name, each in found.items() if each} == {}
