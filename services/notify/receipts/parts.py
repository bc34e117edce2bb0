"""A mail from outside taken apart: its headers and the parts directly in it, however deep it goes on.

The standard library takes a mail apart as deep as its sender wished. Here it reads headers alone, of at most
:data:`MOST_PARTS` parts, so that no mail costs more than its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

#: A report has three parts (RFC 6522), and what gateways add.
MOST_PARTS = 20

#: Characters. A boundary has 70 at most (RFC 2046, 5.1.1).
_LONGEST_TYPE = 1000

#: The policy that takes headers as they come; the others parse them, and raise.
_PARSER = BytesHeaderParser(policy=compat32)

Headers = Message


def headers(mail: bytes) -> Headers:
    """Its headers; the rest is one text.

    Raises:
        ValueError: its type is longer than any is: to take that apart costs the square of its length.
    """
    found = _PARSER.parsebytes(mail)
    if len(value(found, "Content-Type")) > _LONGEST_TYPE:
        raise ValueError("a type that is none")
    return found


def content(part: Headers) -> bytes:
    """What a part holds, decoded."""
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def value(part: Headers, name: str) -> str:
    """A header as text; an empty one where there is none. Of several the first counts."""
    return str(part.get(name, ""))


def parts(mail: Headers) -> list[Headers]:
    """The parts directly in it; none of what is no multipart."""
    boundary = mail.get_boundary() if mail.get_content_maintype() == "multipart" else None
    return [headers(each) for each in _split(content(mail), boundary.encode())] if boundary else []


def blocks(text: bytes) -> list[Headers]:
    """Groups of header fields, one after the other with an empty line between (RFC 3464, 2.1)."""
    groups = b"\n".join(line.strip(b"\r") for line in text.split(b"\n")).split(b"\n\n", MOST_PARTS)
    return [headers(each.strip(b"\n") + b"\n\n") for each in groups[:MOST_PARTS]]


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """RFC 2046, 5.1.1. The end may be missing: mail servers cut what they send back."""
    found: list[list[bytes]] = []
    for line in _until(body, b"--" + boundary + b"--"):
        if line.rstrip() == b"--" + boundary:
            if len(found) == MOST_PARTS:
                break
            found.append([])
        elif found:
            found[-1].append(line)
    return [b"".join(each) for each in found]


def _until(body: bytes, end: bytes) -> Iterator[bytes]:
    for line in body.splitlines(keepends=True):
        if line.rstrip() == end:
            return
        yield line
