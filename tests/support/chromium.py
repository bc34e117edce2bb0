"""Debian's chromium, driven by playwright: one a process, since playwright drives no two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from tests.bed.install import ensure

#: Milliseconds for what is awaited on a page; it is there long before on a machine that is not busy.
PATIENCE = 15_000


@contextmanager
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    program = ensure(["chromium"])["chromium"] / "chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
