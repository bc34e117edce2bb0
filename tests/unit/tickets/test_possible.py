"""What a page offers is what the rules allow, and nothing is left out."""

import pytest

from services.tickets.access.entitlement import ENTITLED, Action, Credential, Role, roles_of
from services.tickets.access.rights import RIGHTS
from services.tickets.access.sight import BASE, Sight
from services.tickets.access.tokens import Token
from services.tickets.custody import possible
from services.tickets.pages.desk.act_forms import ACT_FORMS
from tests.unit.tickets.scene import LATER, bound, convened, held, offered, refused, request, resolved
from tests.unit.tickets.town import DIRECTORY

HOLDERS = {Action.REQUEST, Action.RETURN, Action.PAUSE, Action.RESOLVE, Action.NOTE, Action.HIDDEN_NOTE}
NOTES = {Action.NOTE, Action.HIDDEN_NOTE}


def sight(case, office, role="officer"):
    roles = roles_of(case, DIRECTORY, Credential(role=role, office=office))
    return Sight(case, DIRECTORY, Token("t-1", role, office), roles, known=True, length=1, resolved_at=None)


def able(case, office, role="officer"):
    return {action for action, why in possible.acts(sight(case, office, role), LATER).items() if why is None}


@pytest.mark.parametrize(
    ("case", "office", "role", "acts"),
    [
        (held("hulu"), "hulu", "officer", HOLDERS),
        (held("hulu", consent=("text",)), "hulu", "officer", HOLDERS | {Action.REFER}),
        (held("hulu"), "hilir", "officer", set()),
        (held("hulu"), "utara", "coordinator", NOTES | {Action.ASSIGN}),
        (held("hulu"), None, "auditor", set()),
        (held("hulu", "hilir"), "hulu", "officer", NOTES),
        (request(held("hulu"), "hilir"), "hulu", "officer", NOTES | {Action.WITHDRAW, Action.RESOLVE}),
        (offered("jalan"), "jalan", "officer", NOTES | {Action.ACCEPT, Action.REFUSE}),
        (refused(offered("jalan")), "jalan", "officer", set()),
        (bound("taman"), "taman", "officer", HOLDERS - {Action.REQUEST}),
        (convened(), "jalan", "officer", NOTES),
        (convened(), "asisten", "coordinator", NOTES | {Action.ASSIGN}),
        (resolved(), "jalan", "officer", NOTES),
    ],
)
def test_what_can_be_done_now(case, office, role, acts):
    assert able(case, office, role) == acts


def test_what_is_theirs_but_not_possible_says_why():
    found = possible.acts(sight(bound("taman"), "taman"), LATER)
    assert found[Action.REQUEST] is not None
    assert found[Action.REQUEST].slug == "bound"
    found = possible.acts(sight(held("hulu"), "hulu"), LATER)
    assert found[Action.REFER] is not None
    assert found[Action.REFER].slug == "no-consent"


def test_whom_a_coordinator_may_assign_it_to():
    case = held("hulu", named=("taman",))
    assert set(possible.assignable(sight(case, "utara", "coordinator"), LATER)) == {
        "utara",
        "hulu",
        "hilir",
        "jalan",
        "pengawas",
    }


def test_what_an_office_may_do_by_the_api_it_may_do_at_its_desk():
    acts = {right.action for right in RIGHTS if right.endpoint.startswith(f"POST {BASE}/tickets/") and not right.by}
    offices = {Role.HOLDER, Role.OFFERED, Role.COORDINATOR}
    acts = {action for action in acts if ENTITLED[action] & offices}
    assert acts == {form.action for form in ACT_FORMS.values()}, "ACT_FORMS in services/tickets/pages/desk/act_forms.py"
    asked = possible._TRIALS.keys() | {Action.ASSIGN, Action.REFER}
    assert acts == asked, "_TRIALS in services/tickets/custody/possible.py"
