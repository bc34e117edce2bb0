from datetime import timedelta

import pytest

from services.tickets import custody
from services.tickets.custody import Refused
from tests.unit.tickets.scene import DEADLINE, LATER, act, bound, convened, held, offered, request, resolved
from tests.unit.tickets.town import DIRECTORY

TOMORROW = LATER + timedelta(days=1)


def pause(case, by, until=TOMORROW, reason="weather"):
    return custody.pause(case, act(by), reason=reason, until=until)


def test_a_pause_stops_the_holders_clock_and_not_the_citizens():
    case = held()
    outcome = pause(case, "jalan")
    assert (outcome.case.paused_until, outcome.case.resolve_by, outcome.case.version) == (
        TOMORROW,
        DEADLINE,
        case.version,
    )
    assert outcome.said[0].data["until"] == TOMORROW
    assert outcome.said[0].answers == case.custody_message


def test_a_pause_ends_with_the_custody():
    case = pause(held("jalan"), "jalan").case
    asked = request(case, "taman")
    assert asked.paused_until == TOMORROW, "asking somebody else ends no pause, and waiting for them is none"
    assert custody.resolve(case, act("jalan"), reason="fixed").case.paused_until is None
    taken = custody.assign(case, act("sekretaris"), DIRECTORY, receiver="taman", reason="competent-office").case
    assert taken.paused_until is None


@pytest.mark.parametrize(
    ("case", "by", "until", "slug"),
    [
        (held(), "taman", TOMORROW, "not-holder"),
        (held(), "jalan", LATER, "invalid"),
        (held(), "jalan", DEADLINE + timedelta(seconds=1), "invalid"),
        (request(held()), "jalan", TOMORROW, "already-requested"),
        (offered(), "loket", TOMORROW, "already-requested"),
        (convened(), "jalan", TOMORROW, "already-requested"),
        (resolved(), "jalan", TOMORROW, "resolved"),
    ],
)
def test_who_cannot_pause_is_told_why(case, by, until, slug):
    with pytest.raises(Refused) as caught:
        pause(case, by, until)
    assert caught.value.slug == slug


def test_waiting_for_another_office_is_no_reason_to_pause():
    with pytest.raises(Refused) as caught:
        pause(held(), "jalan", reason="needs-other-office")
    assert (caught.value.slug, caught.value.field) == ("invalid", "reason")


def test_who_is_bound_may_pause():
    assert pause(bound("taman"), "taman").case.paused_until == TOMORROW


def test_a_note_changes_nothing_and_says_who_wrote_it():
    case = held()
    for by in ("jalan", None):
        outcome = custody.note(case, act(by), public=False)
        (said,) = outcome.said
        assert outcome.case == case
        assert (said.data["office"], said.data["public"], said.data["note"]) == (by, False, said.id)


def test_no_notes_after_the_end():
    case = custody.confirm(resolved(), act(None)).case
    with pytest.raises(Refused) as caught:
        custody.note(case, act("jalan"))
    assert caught.value.slug == "closed"
