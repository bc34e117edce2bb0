"""A photo made anew: what is kept of it, what is not, and what is no photo. Each in the process it is made in."""

from __future__ import annotations

import sys
import threading

import pytest

from estafet.web.multipart import Upload
from services.tickets.photos import developing
from services.tickets.photos.darkroom import Darkroom, Photo
from services.tickets.photos.rule import FORM, Fault, Unfit
from tests.support import pictures
from tests.support.pictures import is_red, opened, photo


def develop(*contents: bytes | None) -> tuple[Photo, ...]:
    return Darkroom().develop([Upload(each) for each in contents])


def fault_of(*contents: bytes | None) -> tuple[Fault, int | None]:
    with pytest.raises(Unfit) as refused:
        develop(*contents)
    return refused.value.fault, refused.value.number


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_kept_is_a_small_jpeg_and_a_smaller_one(kind: str) -> None:
    (made,) = develop(photo(2000, 1500, kind))
    whole, small = opened(made.content), opened(made.thumbnail)
    assert (whole.format, whole.size, whole.mode) == ("JPEG", (1600, 1200), "RGB")
    assert (made.width, made.height) == whole.size
    assert (small.format, small.size) == ("JPEG", (320, 240))
    assert is_red(whole, 0.1, 0.1)
    assert not is_red(whole, 0.5, 0.5)


def test_a_small_photo_is_not_made_larger() -> None:
    (made,) = develop(photo(100, 50))
    assert (opened(made.content).size, opened(made.thumbnail).size) == ((100, 50), (100, 50))


def test_where_it_was_taken_and_by_whom_is_gone_and_it_stands_upright() -> None:
    given = pictures.tagged()
    there = opened(given)
    assert there.getexif().get_ifd(0x8825)[2] == pictures.LATITUDE
    assert not is_red(there, 0.1, 0.1)
    (made,) = develop(given)
    for each in (made.content, made.thumbnail):
        kept = opened(each)
        assert dict(kept.getexif()) == {}
        assert not {"exif", "xmp", "comment", "icc_profile"} & kept.info.keys()
        assert not [secret for secret in pictures.SECRETS if secret in each]
        assert is_red(kept, 0.1, 0.1)
    assert (made.width, made.height) == (400, 300)


def test_of_a_polyglot_the_picture_is_left() -> None:
    given = pictures.polyglot()
    assert b"PK\x03\x04" in given
    (made,) = develop(given)
    assert not [each for each in (b"PK\x03\x04", b"index.html", b"<script>") if each in made.content]
    assert made.content.endswith(b"\xff\xd9")
    assert is_red(opened(made.content), 0.1, 0.1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animated_one_the_first_frame_is_kept(kind: str) -> None:
    (made,) = develop(pictures.animated(kind))
    assert getattr(opened(made.content), "n_frames", 1) == 1
    assert is_red(opened(made.content), 0.1, 0.1)


def test_what_is_transparent_is_white() -> None:
    sheet = pictures.Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    given = pictures.BytesIO()
    sheet.save(given, "PNG")
    (made,) = develop(given.getvalue())
    assert opened(made.content).getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_whatever_colours_a_png_has(mode: str) -> None:
    given = pictures.BytesIO()
    pictures.scene().convert("L" if mode == "I;16" else mode).convert(mode).save(given, "PNG")
    (made,) = develop(given.getvalue())
    assert opened(made.content).size == (640, 480)


def test_print_colours_are_shown_as_a_screen_has_them() -> None:
    given = pictures.BytesIO()
    pictures.scene().convert("CMYK").save(given, "JPEG")
    (made,) = develop(given.getvalue())
    assert opened(made.content).mode == "RGB"


def test_the_worst_photo_is_kept_within_a_megabyte() -> None:
    (made,) = develop(pictures.noise(2400, quality=80))
    assert len(made.content) <= developing.MOST
    assert len(made.thumbnail) < 50_000


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (pictures.SVG, Fault.KIND),
        (pictures.archive(), Fault.KIND),
        (pictures.HTML, Fault.KIND),
        (b"", Fault.KIND),
        (b"GIF89a" + bytes(100), Fault.KIND),
        (b"%PDF-1.7", Fault.KIND),
        (pictures.HEIC, Fault.HEIC),
        (photo(2000, 1500)[:20_000], Fault.BROKEN),
        (photo(kind="PNG")[:-2000], Fault.BROKEN),
        (photo(kind="WEBP")[:-500], Fault.BROKEN),
        (b"\xff\xd8\xff" + bytes(500), Fault.BROKEN),
        (b"\x89PNG\r\n\x1a\n" + pictures.HTML, Fault.BROKEN),
        (None, Fault.LARGE),
    ],
    ids=[
        "svg",
        "zip",
        "html",
        "nothing",
        "gif",
        "pdf",
        "heic",
        "jpeg-cut",
        "png-cut",
        "webp-cut",
        "jpeg-begun",
        "png-of-html",
        "passed-over",
    ],
)
def test_what_is_no_photo_is_told_apart(content: bytes | None, fault: Fault) -> None:
    assert fault_of(content) == (fault, 1)
    assert fault_of(photo(), content) == (fault, 2)


def test_a_bomb_goes_off_nowhere() -> None:
    assert len(pictures.bomb()) < 500_000
    assert fault_of(pictures.bomb()) == (Fault.PIXELS, 1)


def test_one_that_needs_more_memory_than_there_is_has_too_many_pixels() -> None:
    """Within the limit of pixels, at eight bytes each and a copy."""
    given = pictures.BytesIO()
    pictures.Image.new("RGBA", (6200, 6200), (9, 9, 9, 9)).save(given, "PNG", compress_level=1)
    assert fault_of(given.getvalue()) == (Fault.PIXELS, 1)


def test_more_than_a_form_takes() -> None:
    assert fault_of(*[photo(20, 20)] * (FORM.most + 1)) == (Fault.MANY, None)
    assert len(develop(*[photo(20, 20)] * FORM.most)) == FORM.most
    assert develop() == ()


def _program(text: str) -> list[str]:
    return [sys.executable, "-I", "-c", text]


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.abort()",
        "import sys; sys.exit(1)",
        "print('{}')",
        'print(\'{"fault": "made-up"}\')',
        'print(\'{"width": 9, "height": 9, "sizes": [5, 5]}\\n<html><html>\')',
        'print(\'{"width": 99999, "height": 9, "sizes": [3, 3]}\')',
        "print('[' * 100000)",
    ],
)
def test_a_process_that_was_taken_over_is_not_believed(text: str) -> None:
    with pytest.raises(Unfit) as refused:
        Darkroom(program=_program(text)).develop([Upload(photo())])
    assert refused.value.fault is Fault.BROKEN


def test_one_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.tickets.photos.darkroom._PATIENCE", 0.2)
    with pytest.raises(Unfit) as refused:
        Darkroom(program=_program("import time; time.sleep(60)")).develop([Upload(photo())])
    assert refused.value.fault is Fault.BUSY


def test_who_comes_when_too_many_wait_is_told_to_come_again() -> None:
    room = Darkroom(waiting=2, program=_program("import time; time.sleep(1)"))
    said: list[Fault] = []

    def send() -> None:
        try:
            room.develop([Upload(photo())])
        except Unfit as unfit:
            said.append(unfit.fault)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == [Fault.BROKEN, Fault.BROKEN, Fault.BUSY]
    assert room._waiting == 0
