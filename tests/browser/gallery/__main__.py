"""Plays the weeks, opens every page and writes its sheet into docs/pictures/pages."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from estafet.events.documents import ROOT
from estafet.settings import SERVICES
from tests.bed.install import ensure
from tests.browser.gallery import sheets
from tests.browser.gallery.kediri import Kediri
from tests.browser.gallery.pages import PAGES, Visits
from tests.browser.gallery.town import FIRST, Shifted, Town

FOLDER = ROOT / "docs/pictures/pages"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.gallery", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"only these; there are: {', '.join(PAGES)}")
    parser.add_argument("--whole", type=Path, metavar="FOLDER", help="also each view in its own size")
    asked = parser.parse_args()
    unknown = sorted(set(asked.pages) - set(PAGES))
    if unknown:
        parser.error(f"no page {', '.join(unknown)}")
    with tempfile.TemporaryDirectory() as folder:
        system = Shifted(Path(folder), [SERVICES], {})
        system.environment = {**system.environment, "ESTAFET_PUBLIC_URL": "https://lapor.kediri.example"}
        try:
            system.set(FIRST)
            system.prepare(None).start()
            system.wait_for_city()
            kediri = Kediri(Town(system))
            kediri.live()
            _take(kediri, asked.pages or list(PAGES), asked.whole)
        finally:
            system.close()


def _take(kediri: Kediri, names: Sequence[str], whole: Path | None) -> None:
    town = kediri.town
    town.account("rini.dpupr", "officer", "dpupr")
    town.account("ekbang", "coordinator", "asisten-ekbang")
    chromium = ensure(["chromium"])["chromium"] / "chromium"
    with sync_playwright() as playwright:
        environment = {**os.environ, "FONTCONFIG_FILE": str(Path(__file__).with_name("fonts.conf"))}
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"], env=environment)
        visits = Visits(
            kediri,
            lambda: browser.new_context(
                base_url=town.system.url,
                reduced_motion="reduce",
                viewport={"width": 1280, "height": 800},
                locale="id-ID",
            ),
        )
        try:
            for name in names:
                page = PAGES[name](visits)
                taken = sheets.shots(page)
                page.close()
                FOLDER.mkdir(parents=True, exist_ok=True)
                bytes_ = sheets.write(sheets.sheet(taken), FOLDER / f"{name}.webp")
                print(f"{name}: {bytes_} bytes", flush=True)
                if whole:
                    whole.mkdir(parents=True, exist_ok=True)
                    for (size, scheme), shot in taken.items():
                        shot.save(whole / f"{name}-{size}-{scheme}.png")
        finally:
            visits.close()


if __name__ == "__main__":
    main()
