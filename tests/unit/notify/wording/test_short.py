"""An SMS holds 160 characters of its own alphabet, and the link is whole or of no use."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from services.notify.wording.rendering import Wording
from services.notify.wording.short import SMS, chat, plain, septets, sms

LINK = "https://lapor.tirtajaya.example/t/TRT-7F3K-92Q#MFRG-GZDF-MZTW-Q2LK-NNUW-24DB"


def wording(brief: str) -> Wording:
    return Wording("Laporan KDR-7F3K-92Q", "Selengkapnya.\n", brief=brief)


def test_subject_and_link() -> None:
    assert sms(wording("Laporan TRT-7F3K-92Q sudah kami terima"), LINK) == (
        f"Laporan TRT-7F3K-92Q sudah kami terima {LINK}"
    )
    assert chat(wording("Perihal “jalan” 🙂"), LINK) == f"Perihal “jalan” 🙂\n{LINK}"


@given(st.text(st.characters(exclude_categories=["C"]), max_size=200))
@example("^" * 150)
@example("Perihal “jalan” 🙂 dan Kṣiti")
def test_whatever_the_subject_is_it_is_one_sms_with_the_whole_link(subject: str) -> None:
    text = sms(wording(subject), LINK)
    assert septets(text) <= SMS
    assert plain(text) == text, "another character would make all take two bytes"
    assert text.endswith(LINK)


def test_the_subject_is_cut_where_it_must_be() -> None:
    text = sms(wording("kata " * 40), LINK)
    assert text.endswith(f"... {LINK}")
    assert septets(text) > SMS - 10


def test_a_link_too_long_goes_alone() -> None:
    link = "https://" + "a" * SMS
    assert sms(wording("Laporan"), link) == link


def test_characters_are_replaced_by_their_like() -> None:
    assert plain("“Kṣiti” – café…🙂") == '"Ksiti" - café...'
