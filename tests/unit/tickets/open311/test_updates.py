"""Each step in words for citizens, with the status mysociety gives it; and what an app's own update does."""

from datetime import timedelta

import pytest

from estafet.events import made_at
from services.tickets import custody
from services.tickets.custody.case import Act
from services.tickets.history import _TOLD
from services.tickets.open311 import updates
from tests.unit.tickets.scene import LATER, act, convened, held, offered, opened, request, resolved, route
from tests.unit.tickets.town import DIRECTORY

REFUSAL = {"reason": "not-our-task", "right_office": "taman", "words": "Ini pohon."}


def told(outcome):
    """Status and sentence of what an outcome says last."""
    last = outcome.said[-1]
    return updates.status(last.name, last.data), updates.sentence(last.name, last.data, DIRECTORY, "Kata kami.")


def test_every_step_a_citizen_reads_is_an_update():
    told = _TOLD.keys() - {"reporter.erased"}
    assert updates._SENTENCES.keys() == told, "_SENTENCES in services/tickets/open311/updates.py"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            route(opened(), "jalan"),
            ("open", "Ditawarkan kepada Jalan. Loket tetap memegangnya sampai diterima."),
        ),
        (
            custody.accept(offered("jalan"), act("jalan")),
            ("in_progress", "Jalan menerima laporan dan kini memegangnya."),
        ),
        (
            custody.request(held("jalan"), act("jalan"), DIRECTORY, reason="not-our-task", receiver="taman"),
            ("investigating", "Jalan meminta agar laporan dialihkan. Bukan kewenangan kantor ini."),
        ),
        (
            custody.refuse(route(request(held("jalan"), "hulu"), "hulu").case, act("hulu"), DIRECTORY, **REFUSAL),
            (
                "investigating",
                "Hulu menolak. Bukan kewenangan kantor ini. Menurutnya yang berwenang: Taman. Ini pohon.",
            ),
        ),
        (
            custody.assign(
                convened("asisten", held("jalan")),
                act("asisten"),
                DIRECTORY,
                receiver="taman",
                reason="competent-office",
            ),
            ("in_progress", "Asisten menetapkan Taman sebagai pemegang. Kantor ini yang berwenang."),
        ),
        (
            custody.resolve(held("jalan"), act("jalan"), reason="fixed"),
            ("fixed", "Jalan menyatakan laporan selesai. Sudah ditangani."),
        ),
        (
            custody.resolve(held("jalan"), act("jalan"), reason="cannot-be-done"),
            ("no_further_action", "Jalan menyatakan laporan selesai. Tidak dapat dipenuhi, dengan penjelasan."),
        ),
        (custody.confirm(resolved(), act(None)), ("closed", "Laporan ditutup.")),
        (
            custody.object_to(resolved(), act(None)),
            ("in_progress", "Pelapor berkeberatan. Laporan dibuka kembali pada Jalan."),
        ),
        (custody.note(held("jalan"), act("jalan"), public=True), ("in_progress", "Kata kami.")),
    ],
)
def test_a_step_in_words(outcome, expected):
    assert told(outcome) == expected


def after(case, **time):
    return made_at(case.resolved_message) + timedelta(**time)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("FIXED", "resolved"),
        ("REOPEN", "held"),
        ("reopen", "held"),
        ("OPEN", "resolved"),
        ("INVESTIGATING", "resolved"),
    ],
)
def test_the_reporters_answer_to_a_resolution(status, expected):
    case = resolved()
    outcome = updates.apply(case, act(None), "n-1", status, after(case, minutes=5))
    assert (outcome.said[0].name, outcome.said[0].id) == ("note.added", "n-1")
    assert outcome.said[0].data["office"] is None
    assert outcome.case.status == expected


def test_what_was_said_before_the_resolution_is_no_answer_to_it():
    case = resolved()
    outcome = updates.apply(case, act(None), "n-1", "REOPEN", after(case, seconds=-2))
    assert outcome.case == case
    assert [said.name for said in outcome.said] == ["note.added"]


def test_an_answer_is_held_against_the_time_that_the_app_was_told():
    case = resolved()  # by a message that was made in the second after the one that it says
    told = after(case).replace(microsecond=0) - timedelta(milliseconds=2)
    written = told.replace(microsecond=0)
    assert written + timedelta(seconds=1) <= after(case)
    assert updates.apply(case, act(None), "n-1", "REOPEN", written, told).case.status == "held"
    later = told + timedelta(seconds=1)
    assert updates.apply(case, act(None), "n-1", "REOPEN", written, later).case.status == "resolved"


@pytest.mark.parametrize("case", [opened(), offered("jalan"), held("jalan"), convened("asisten")])
@pytest.mark.parametrize("status", ["FIXED", "REOPEN", "CLOSED", "OPEN"])
def test_a_status_decides_nothing_while_an_office_works(case, status):
    outcome = updates.apply(case, act(None), "n-1", status, LATER)
    assert outcome.case == case
    assert [said.name for said in outcome.said] == ["note.added"]


def test_a_closed_report_takes_no_more():
    case = custody.confirm(resolved(), act(None)).case
    with pytest.raises(custody.Refused) as caught:
        updates.apply(case, Act(now=LATER, by=None), "n-1", "OPEN", LATER)
    assert caught.value.slug == "closed"
