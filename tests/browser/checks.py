"""What no page may have: what axe-core finds, what is too small for a finger, what is wider than the screen."""

from __future__ import annotations

import json

from playwright.sync_api import Page

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


def faults(page: Page, axe: str) -> list[str]:
    """What axe-core finds on a page, what is too small for a finger, and whether it is wider than the screen."""
    page.evaluate(axe)  # the page's own policy lets no script in by an element
    options = json.dumps({"runOnly": _RULES, "resultTypes": ["violations"]})
    result = page.evaluate(f"axe.run(document, {options})")
    found = [f"{each['id']}: {node['html'][:160]}" for each in result["violations"] for node in each["nodes"]]
    found += [f"small: {each}" for each in page.evaluate(_SMALL % _FINGER)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return found
