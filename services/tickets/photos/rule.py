"""Which photos are taken: how many, how large, of which kind. What a file is, its content says, never its name."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from estafet.web import Problem
from estafet.web.multipart import Files, Upload
from services.tickets.photos.developing import PIXELS, kind_of

#: The field of a form that photos come in.
FIELD = "photos"
#: Photos of one form, and bytes of each. A larger one is passed over while the form is read.
FORM = Files(most=4, size=8 * 1024 * 1024)
#: Photos that are kept of a report: so many of its reporter, and as many again of all offices together.
OF_REPORT = 12
#: What telephones of one maker write; nothing here reads it.
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


class Fault(StrEnum):
    """Why a photo is not taken."""

    KIND = "kind"
    HEIC = "heic"
    LARGE = "large"
    PIXELS = "pixels"
    BROKEN = "broken"
    MANY = "many"
    FULL = "full"
    BUSY = "busy"


_SENTENCES = {
    Fault.KIND: "This file is not a photo we can take: send JPEG, PNG or WebP.",
    Fault.HEIC: "HEIC photos cannot be taken: save it as JPEG and send that.",
    Fault.LARGE: f"The photo is larger than {FORM.size // 1024 // 1024} MB: make it smaller, and send it again.",
    Fault.PIXELS: f"The photo has more than {PIXELS // 1_000_000} megapixels, or too many for its kind: "
    "make it smaller, and send it again.",
    Fault.BROKEN: "The photo is damaged or not whole: choose it again, or send another.",
    Fault.MANY: f"At most {FORM.most} photos are taken at a time: send the rest with a note.",
    Fault.FULL: f"The report has {OF_REPORT} photos already, and takes no more.",
    Fault.BUSY: "Many photos are being made ready: send it again in a moment.",
}


class Unfit(Problem):
    """A photo is not taken.

    Attributes:
        number: which of those sent, from 1; None: it is not about one of them.
    """

    def __init__(self, fault: Fault, number: int | None = None) -> None:
        self.fault, self.number = fault, number
        sentence = _SENTENCES[fault]
        if fault is Fault.BUSY:
            super().__init__("busy", sentence, headers={"Retry-After": "3"})
            return
        where = FIELD if number is None else f"{FIELD}.{number - 1}"
        super().__init__("unfit-photo", sentence, [(where, sentence)])


def fit(uploads: Sequence[Upload]) -> list[bytes]:
    """What is worth looking into.

    Raises:
        Unfit: too many, too large, or by how it begins no photo that we take.
    """
    if len(uploads) > FORM.most:
        raise Unfit(Fault.MANY)
    return [_fit(upload, number) for number, upload in enumerate(uploads, 1)]


def _fit(upload: Upload, number: int) -> bytes:
    if upload.content is None:
        raise Unfit(Fault.LARGE, number)
    if upload.content[4:8] == b"ftyp" and upload.content[8:12] in _HEIC:
        raise Unfit(Fault.HEIC, number)
    if kind_of(upload.content) is None:
        raise Unfit(Fault.KIND, number)
    return upload.content
