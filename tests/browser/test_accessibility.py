"""axe-core finds nothing on any page, in both languages and colour schemes, on phone and desktop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.bed.node import installed
from tests.browser.conftest import Screen
from tests.browser.story import Story

#: WCAG 2.2, level AA, and what axe-core holds for good practice besides.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Points of a screen that a finger meets (WCAG asks for 24; thumbs for 44).
_FINGER = 44

_SMALL = """() => [...document.querySelectorAll(
    'button, .button, input:not([type=hidden]), select, .choice, summary, .periods a, header a'
  )]
  .filter(each => each.checkVisibility() && !each.closest('.choice input'))
  .filter(each => !(each.matches('input') && each.closest('.choice')))
  .filter(each => each.getBoundingClientRect().height < %d)
  .map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="session")
def axe() -> str:
    return (installed(Path(__file__).parent / "axe") / "node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture(scope="session")
def places(story: Story) -> dict[str, tuple[str, str | None]]:
    """Every page, in its states: its address, and the key that opens it."""
    convened, key = story.report()
    coordinator = story.convene(convened)
    resolved, other = story.report()
    story.convene(resolved)
    story.assign(resolved, coordinator, "perkim")
    story.resolve(resolved, "perkim", "Selesai.")
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
        "receipt": (f"/t/{resolved}/receipt", other),
        "referred": (f"/t/{referred}", third),
        "rate": (f"/t/{resolved}/rate", other),
        "board": ("/board?days=365", None),
        "not-found": ("/t/KDR-1111-111", None),
        "no-page": ("/nowhere", None),
    }


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


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_nothing_keeps_anybody_out(
    screen: Screen, axe: str, places: dict[str, tuple[str, str | None]], size: str, scheme: str, language: str
) -> None:
    found: dict[str, list[str]] = {}
    for name, place in places.items():
        with shown(screen, place, size, scheme, language) as page:
            page.evaluate(axe)  # the page's own policy lets no script in by an element
            options = json.dumps({"runOnly": _RULES, "resultTypes": ["violations"]})
            result = page.evaluate(f"axe.run(document, {options})")
            found[name] = [
                f"{each['id']}: {node['html'][:160]}" for each in result["violations"] for node in each["nodes"]
            ]
            found[name] += [f"small: {each}" for each in page.evaluate(_SMALL % _FINGER)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[name].append("wider than the screen")
    assert {name: each for name, each in found.items() if each} == {}
