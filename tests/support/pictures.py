"""Files that people send as photos: good ones, and what only says it is one."""

from __future__ import annotations

import struct
import zipfile
import zlib
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

#: Where Alun-Alun Kediri is. It must never be in a photo that is kept.
LATITUDE, LONGITUDE = (7.0, 49.0, 1.19), (112.0, 0.0, 41.87)
SECRETS = (b"Tukang Foto", b"rahasia", b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE", b"<script>")

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
HEIC = struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(2000)


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """A sky, a road, and a red house in the upper left corner, so that it can be told which way is up."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width // 4, height // 4), fill=(220, 20, 20))
    return picture


def photo(width: int = 640, height: int = 480, kind: str = "JPEG", **options: Any) -> bytes:
    made = BytesIO()
    scene(width, height).save(made, kind, **options)
    return made.getvalue()


def noise(side: int, kind: str = "JPEG", **options: Any) -> bytes:
    """What compresses worst: as large as a photo can be."""
    made = BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(made, kind, **options)
    return made.getvalue()


def tagged() -> bytes:
    """As a telephone writes it: lying on its side (orientation 6), with where, when and by whom it was taken."""
    lying = scene(400, 300).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F], exif[0x013B] = "Tukang Foto", "rahasia"
    exif.get_ifd(0x8825).update({1: "S", 2: LATITUDE, 3: "E", 4: LONGITUDE})
    made = BytesIO()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>rahasia http://ns.adobe.com</x:xmpmeta>"
    lying.save(made, "JPEG", exif=exif, xmp=xmp, comment=b"rahasia <script>alert(1)</script>", icc_profile=b"I" * 200)
    return made.getvalue()


def polyglot() -> bytes:
    """A photo and a ZIP with a page in it: both are valid."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.html", HTML)
    return photo(comment=HTML) + packed.getvalue()


def archive() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("foto.jpg", photo())
    return packed.getvalue()


def animated(kind: str) -> bytes:
    """The second frame is green all over."""
    made = BytesIO()
    second = Image.new("RGB", (640, 480), (0, 255, 0))
    scene().save(made, kind, save_all=True, append_images=[second], duration=100)
    return made.getvalue()


@cache
def bomb(side: int = 50_000) -> bytes:
    """A real PNG: 300 kB that become gigabytes."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8 + 1)
    packed = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


@cache
def huge() -> bytes:
    """A photo of 20 MB, as a good camera makes them."""
    return photo(4000, 3000, quality=90) + bytes(20_000_000)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def is_red(picture: Image.Image, x: float, y: float) -> bool:
    """Whether the house stands there: ``x`` and ``y`` as parts of the width and the height."""
    found = picture.convert("RGB").getpixel((int(x * picture.width), int(y * picture.height)))
    assert isinstance(found, tuple)
    red, green, blue = found
    return red > 150 and green < 90 and blue < 90
