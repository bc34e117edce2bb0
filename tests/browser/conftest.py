"""The browser before one system whose pages are looked at as people look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from estafet.settings import SERVICES
from tests.bed.node import installed
from tests.browser.desk import People, Person, sit_down
from tests.browser.story import Story
from tests.e2e.system import System
from tests.support.chromium import PATIENCE

#: The smallest phone that is common, and a desk.
SIZES = {"phone": (360, 740), "desktop": (1280, 800)}

#: Opens a page: ``screen(size, script=True, scheme="light", language="id")``.
Screen = Callable[..., Any]


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(tmp_path_factory.mktemp("browser"), [SERVICES], {})
    system.environment = {**system.environment, "ESTAFET_PUBLIC_URL": system.url}
    try:
        system.prepare().start()
        system.wait_for_city()
        yield system
    finally:
        system.close()


@pytest.fixture(scope="session")
def story(system: System) -> Story:
    return Story(system)


@pytest.fixture(scope="session")
def people(system: System) -> People:
    return People(system)


@pytest.fixture(scope="session")
def axe() -> str:
    return (installed(Path(__file__).parent / "axe") / "node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture
def screen(browser: Browser, system: System) -> Screen:
    return screens(browser, system.url)


def screens(browser: Browser, url: str) -> Screen:
    """A browser of its own for each page, which must say nothing on its console: a refused script or style would."""

    @contextmanager
    def open(size: str, script: bool = True, scheme: Any = "light", language: str = "id") -> Iterator[Page]:
        width, height = SIZES[size]
        context: BrowserContext = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        said: list[str] = []
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        try:
            page.goto(f"/?lang={language}")
            yield page
            assert [each for each in said if "status of 4" not in each] == []
        finally:
            context.close()

    return open


@contextmanager
def seated(
    screen: Screen, person: Person, size: str, script: bool = True, goal: str = "/desk", **how: str
) -> Iterator[Page]:
    """The desk of somebody who has just signed in."""
    with screen(size, script, **how) as page:
        sit_down(page, person, goal)
        yield page
