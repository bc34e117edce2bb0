"""One sheet for a page: a phone and a desk, light and dark, side by side and small."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

#: Widths and heights that are seen before scrolling, and how much smaller they stand on a sheet.
SIZES = {"phone": (360, 740, 0.52), "desktop": (1280, 800, 0.37)}
SCHEMES = ("light", "dark")

#: Pixels of a sheet's own.
_GAP, _TALLEST = 14, 760
_GROUND = (120, 132, 134)
#: Bytes of a sheet.
MOST = 50_000


def shots(page: Page) -> dict[tuple[str, str], Image.Image]:
    """An open page by size and scheme, whole, as it is now."""
    taken = {}
    for size, (width, height, _) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        tall = page.evaluate("document.documentElement.scrollHeight")
        # As tall as the page: what sticks to an edge of the screen then stands where the page ends.
        page.set_viewport_size({"width": width, "height": max(height, min(tall, 5000))})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            taken[size, scheme] = Image.open(BytesIO(page.screenshot())).convert("RGB")
    return taken


def sheet(taken: dict[tuple[str, str], Image.Image]) -> Image.Image:
    small = []
    for (size, _), shot in taken.items():
        scale = SIZES[size][2]
        cut = shot.crop((0, 0, shot.width, min(shot.height, int(_TALLEST / scale))))
        small.append(cut.resize((int(cut.width * scale), int(cut.height * scale)), Image.Resampling.LANCZOS))
    width = sum(each.width + _GAP for each in small) + _GAP
    made = Image.new("RGB", (width, max(each.height for each in small) + 2 * _GAP), _GROUND)
    left = _GAP
    for each in small:
        made.paste(each, (left, _GAP))
        left += each.width + _GAP
    return made


def write(made: Image.Image, file: Path) -> int:
    """As sharp as it may be; answers its bytes."""
    for quality in range(80, 9, -6):
        bytes_ = BytesIO()
        made.save(bytes_, "WEBP", quality=quality, method=4)
        if bytes_.tell() <= MOST:
            break
    file.write_bytes(bytes_.getvalue())
    return bytes_.tell()
