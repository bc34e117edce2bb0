"""Makes a photo anew from its pixels alone: a program of its own, because a hostile file may take its decoder over.

``python -I developing.py < photo > developed``: one photo, within bounds of memory, time and output. It says one line
of JSON, ``{"fault": "broken"}`` or ``{"width": ..., "height": ..., "sizes": [..., ...]}``, and then the bytes of the
photo and of its thumbnail. Of what was in the file besides pixels (where and with what it was taken, comments,
whatever stood behind the picture) nothing is left.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

#: How files begin that are photos we take.
SIGNS = {"JPEG": (0, b"\xff\xd8\xff"), "PNG": (0, b"\x89PNG\r\n\x1a\n"), "WEBP": (8, b"WEBP")}
#: A picture of more pixels is not looked at.
PIXELS = 40_000_000
#: Longest side, in pixels, and quality of the JPEG that is kept. The next is tried where one is too large.
ATTEMPTS = ((1600, 80), (1600, 60), (1200, 60), (800, 60))
#: Most bytes that are kept of a photo.
MOST = 1_000_000
THUMBNAIL = (320, 70)
#: Bytes of memory, seconds of processor time.
MEMORY, TIME = 320 * 1024 * 1024, 10


class Unread(Exception):
    """Why it cannot be made: the name of a fault."""


def kind_of(content: bytes) -> str | None:
    """What it is by how it begins; None: nothing that we take."""
    return next((kind for kind, (at, sign) in SIGNS.items() if content[at : at + len(sign)] == sign), None)


def developed(content: bytes) -> tuple[tuple[int, int], bytes, bytes]:
    """The photo's size, the photo and its thumbnail, as JPEG.

    Raises:
        Unread: it is no photo we take, is broken, or has too many pixels.
    """
    from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    kind = kind_of(content)
    if kind is None:
        raise Unread("kind")
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as picture:
            if picture.width * picture.height > PIXELS:
                raise Unread("pixels")
            picture.draft("RGB", (ATTEMPTS[0][0],) * 2)
            upright = _on_white(ImageOps.exif_transpose(picture))
    except (MemoryError, Image.DecompressionBombError) as error:
        raise Unread("pixels") from error
    except Unread:
        raise
    except Exception as error:  # whatever a decoder makes of what somebody made up
        raise Unread("broken") from error
    for side, quality in ATTEMPTS:
        small = _within(upright, side)
        made = _jpeg(small, quality)
        if len(made) <= MOST:
            break
    return small.size, made, _jpeg(_within(upright, THUMBNAIL[0]), THUMBNAIL[1])


def _on_white(picture: Image) -> Image:
    """The first frame, no larger than is kept; what is transparent is white."""
    from PIL import Image

    small = _within(picture, ATTEMPTS[0][0])
    if not small.has_transparency_data:
        return small.convert("RGB")
    sheet = Image.new("RGBA", small.size, "white")
    return Image.alpha_composite(sheet, small.convert("RGBA")).convert("RGB")


def _within(picture: Image, side: int) -> Image:
    scale = min(1.0, side / max(picture.size))
    width, height = (max(1, round(each * scale)) for each in picture.size)
    plain = picture if picture.mode in ("RGB", "RGBA", "L") else picture.convert(_plain(picture))
    return plain.resize((width, height), reducing_gap=2.0)


def _plain(picture: Image) -> str:
    """Without a palette: colours between two numbers of one mean nothing."""
    return "RGBA" if picture.has_transparency_data else "RGB"


def _jpeg(picture: Image, quality: int) -> bytes:
    made = BytesIO()
    bare = picture.copy()
    bare.info = {}
    bare.save(made, "JPEG", quality=quality, optimize=True, progressive=True)
    return made.getvalue()


def _bound() -> None:
    os.nice(5)  # whoever asks for a page goes first
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, TIME),
        (resource.RLIMIT_FSIZE, 4 * MOST),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system has each
            resource.setrlimit(what, (most, most))


def main() -> int:
    _bound()
    said: dict[str, Any]
    try:
        (width, height), photo, thumbnail = developed(sys.stdin.buffer.read())
        said = {"width": width, "height": height, "sizes": [len(photo), len(thumbnail)]}
    except Unread as unread:
        said, photo, thumbnail = {"fault": str(unread)}, b"", b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + photo + thumbnail)
    return 0


if __name__ == "__main__":
    sys.exit(main())
