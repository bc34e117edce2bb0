"""A cheap phone on a slow line: how much a page weighs, what it loads, and when it is first seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Screen, seated
from tests.browser.desk import People
from tests.browser.story import Story

pytestmark = pytest.mark.alone

#: Bytes on the wire of a first visit, everything together.
MOST = 20_000
#: Where every office of the city stands in a form, with what would come of asking it.
MOST_AT_A_DESK = 22_000
#: Slow 3G as people have it: bits a second both ways, and milliseconds there and back.
BITS, RTT = 400_000, 400


@pytest.mark.parametrize("path", ["/", "/report", "/board", "/t/CODE", "/desk/sign-in"])
def test_a_first_visit_is_light(screen: Screen, story: Story, path: str) -> None:
    if "CODE" in path:
        code, _ = story.report()
        story.convene(code)
        path = f"/t/{code}"
    with screen("phone") as page:
        weight, requests, first = visited(page, path)
        assert weight < MOST
        assert requests <= 3
        assert first < 1000


@pytest.mark.parametrize("path", ["/desk", "/desk/t/CODE"])
def test_a_desk_is_light_too(screen: Screen, story: Story, people: People, path: str) -> None:
    code, _ = story.report()
    office = story.accept(code)
    with seated(screen, people[office], "phone") as page:
        weight, requests, first = visited(page, path.replace("CODE", code))
        assert weight < MOST_AT_A_DESK
        assert requests <= 4
        assert first < 1500


def visited(page: Page, path: str) -> tuple[int, int, float]:
    """Bytes, requests and milliseconds until something is seen, on a slow line and with nothing kept of before."""
    page.goto("about:blank")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    speed = BITS // 8
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": RTT, "downloadThroughput": speed, "uploadThroughput": speed},
    )
    loaded: dict[str, float] = {}
    line.on("Network.loadingFinished", lambda each: loaded.update({each["requestId"]: each["encodedDataLength"]}))
    page.goto(path, wait_until="load")
    first = page.wait_for_function("performance.getEntriesByName('first-contentful-paint')[0]?.startTime").json_value()
    weight = int(sum(loaded.values()))
    print(f"{path[:7]}: {weight} bytes, {len(loaded)} requests, first seen after {first:.0f} ms")
    return weight, len(loaded), first
