"""Forms with files, in pieces of any size, whole or not, honest or not."""

from __future__ import annotations

import time
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request

from estafet.web import Problem, multipart
from estafet.web.crowd import Room
from estafet.web.multipart import Files, Parts

FILES = Files(most=2, size=1000)
BOUNDARY = "grens-7"


def field(name: str, text: bytes) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + text + b"\r\n"


def file(content: bytes, name: str = "foto.jpg") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


class Line:
    """A connection that brings so many bytes at a time."""

    def __init__(self, body: bytes, piece: int) -> None:
        self._body, self._piece = BytesIO(body), piece

    def read(self, size: int) -> bytes:
        return self._body.read(min(size, self._piece))


def read(body: bytes, piece: int = 10_000, room: int = 10_000, boundary: str = BOUNDARY, **environ: Any) -> Parts:
    request = Request(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": f"multipart/form-data; boundary={boundary}",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": Line(body, piece),
            **environ,
        }
    )
    with Room(room).share() as take:
        return multipart.read(request, FILES, take)


def refused(body: bytes, **options: Any) -> str:
    with pytest.raises(Problem) as problem:
        read(body, **options)
    return problem.value.kind.slug


@given(
    st.lists(st.binary(max_size=200), max_size=4),
    st.lists(st.binary(min_size=1, max_size=900), max_size=2),
    st.integers(1, 3000),
)
def test_what_was_sent_is_read_in_pieces_of_any_size(texts: list[bytes], files: list[bytes], piece: int) -> None:
    body = b"".join([field("a", text) for text in texts] + [file(content) for content in files]) + END
    parts = read(body, piece)
    assert parts.fields == [("a", text) for text in texts]
    assert [each.content for each in parts.files] == files


def test_a_file_too_large_is_passed_over_and_what_follows_is_read() -> None:
    parts = read(field("before", b"1") + file(bytes(1001)) + file(bytes(1000)) + field("after", b"2") + END, 64)
    assert parts.fields == [("before", b"1"), ("after", b"2")]
    assert [each.content and len(each.content) for each in parts.files] == [None, 1000]


def test_files_that_are_too_many_are_counted_and_not_kept() -> None:
    parts = read(file(b"a") + file(b"b") + file(b"c") + END)
    assert [each.content for each in parts.files] == [b"a", b"b", None]


def test_a_field_for_files_left_empty_brings_none_and_an_empty_file_is_one() -> None:
    assert read(file(b"", name="") + END).files == []
    assert [each.content for each in read(file(b"", name="kosong.jpg") + END).files] == [b""]


def test_beyond_its_bounds() -> None:
    assert refused(field("a", bytes(70_000)) + END) == "too-large"
    assert refused(field("a", bytes(40_000)) + field("b", bytes(40_000)) + END) == "too-large"
    assert refused(file(bytes(7000)) + END) == "too-large"
    assert refused(file(bytes(7000)) + END, CONTENT_LENGTH="") == "too-large"
    assert refused(b"".join(field("a", b"") for _ in range(101)) + END, CONTENT_LENGTH="9") == "too-large"
    assert refused(file(bytes(900)) + file(bytes(900)) + END, room=1000) == "busy"


def test_room_is_given_back() -> None:
    room = Room(1000)
    for _ in range(3):
        with room.share() as take:
            take(600)
            with pytest.raises(Problem), room.share() as other:
                other(600)
    with room.share() as take:
        take(1000)


WHOLE = field("a", b"text") + file(b"content") + END


@pytest.mark.parametrize("at", range(len(WHOLE) - 2))
def test_broken_off_anywhere(at: int) -> None:
    assert refused(WHOLE[:at]) == "malformed"


@given(st.binary(max_size=300))
def test_anything_is_read_or_refused(body: bytes) -> None:
    for each in (body, f"--{BOUNDARY}\r\n".encode() + body + END, f"--{BOUNDARY}\r\n\r\n".encode() + body):
        with suppress(Problem):
            read(each)


def test_a_boundary_that_is_everywhere_costs_no_more_than_another() -> None:
    began = time.process_time()
    refused(b"--x\r\n" + b"x" * 5_900, boundary="x", piece=100)
    assert refused(b"x\r" * 3_000, boundary="x") == "malformed"
    assert time.process_time() - began < 1


@pytest.mark.parametrize("boundary", ["", "x" * 71, '"é"'])
def test_a_boundary_that_is_none(boundary: str) -> None:
    assert refused(WHOLE, boundary=boundary) == "malformed"
