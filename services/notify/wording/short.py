"""A message for channels without room: what happened, and where to read the rest."""

from __future__ import annotations

import unicodedata

from services.notify.wording.rendering import Wording

#: Septets of one SMS (3GPP TS 23.038); longer ones are several, each paid for.
SMS = 160

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: These take two septets.
_EXTENDED = frozenset("^{}\\[~]|€\f")
_PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "})


def sms(wording: Wording, link: str) -> str:
    """What happened, and the link, in one SMS. The words give way; the link is whole or of no use.

    Characters outside SMS's own alphabet are replaced by their like or left out: one of them alone would make all take
    two bytes (UCS-2), so that 70 fit.
    """
    room = SMS - septets(link) - 1
    said = plain(wording.brief)
    if septets(said) > room:
        kept = ""
        for each in said:
            if septets(kept + each) > room - 3:
                break
            kept += each
        said = f"{kept.rstrip()}..." if kept.strip() else ""
    return f"{said} {link}".strip()


def chat(wording: Wording, link: str) -> str:
    """For channels that take any character and are not counted by length."""
    return f"{wording.brief}\n{link}"


def septets(text: str) -> int:
    """What a text takes in SMS's own alphabet."""
    return sum(2 if each in _EXTENDED else 1 for each in text)


def plain(text: str) -> str:
    """A text in SMS's own alphabet."""
    return "".join(map(_like, text.translate(_PLAIN)))


def _like(character: str) -> str:
    if character in _GSM or character in _EXTENDED:
        return character
    bare = "".join(each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))
    return bare if bare and all(each in _GSM or each in _EXTENDED for each in bare) else ""
