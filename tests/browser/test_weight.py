"""A cheap phone on a slow line: how much a page weighs, what it loads, and when it is first seen."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Screen
from tests.browser.story import Story

#: Bytes on the wire of a first visit, everything together.
MOST = 15_000
#: Slow 3G as people have it: bits a second both ways, and milliseconds there and back.
BITS, RTT = 400_000, 400


@pytest.mark.parametrize("path", ["/", "/report", "/board", "/t/CODE"])
def test_a_first_visit_is_light(screen: Screen, story: Story, path: str) -> None:
    if "CODE" in path:
        code, _ = story.report()
        story.convene(code)
        path = f"/t/{code}"
    with screen("phone") as page:
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
        first = page.wait_for_function(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        ).json_value()
        weight = int(sum(loaded.values()))
        print(f"{path[:3]}: {weight} bytes, {len(loaded)} requests, first seen after {first:.0f} ms")
        assert weight < MOST
        assert len(loaded) <= 3
        assert first < 1000
