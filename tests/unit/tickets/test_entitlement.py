import pytest

from services.tickets.access.entitlement import ENTITLED, NOBODY, Action, Credential, Role, may, roles_of
from tests.unit.tickets.scene import convened, held, offered, opened, request, resolved, route
from tests.unit.tickets.town import DIRECTORY, OFFICES

REPORTER = Credential(reporter=True)
AUDITOR = Credential(role="auditor")


def officer(office):
    return Credential(role="officer", office=office)


def coordinator(office):
    return Credential(role="coordinator", office=office)


def can(case, credential):
    roles = roles_of(case, DIRECTORY, credential)
    return {action for action in Action if may(roles, action)}


EVERYBODY = {Action.PUBLIC_VIEW}
READER = EVERYBODY | {Action.FULL_VIEW, Action.INTERNAL_NOTES}
WRITER = READER | {Action.NOTE, Action.HIDDEN_NOTE}
HOLDER = WRITER | {
    Action.PACKAGE,
    Action.REQUEST,
    Action.WITHDRAW,
    Action.RETURN,
    Action.PAUSE,
    Action.RESOLVE,
    Action.REFER,
}
ASKED = WRITER | {Action.ACCEPT, Action.REFUSE}
OWNER = {
    Action.PUBLIC_VIEW,
    Action.FULL_VIEW,
    Action.CONTACT,
    Action.NOTE,
    Action.CONFIRM,
    Action.OBJECT,
    Action.CONSENT,
    Action.RATE,
    Action.RATING,
    Action.RECEIPT,
}
SENDER = {Action.PUBLIC_VIEW, Action.FULL_VIEW, Action.NOTE, Action.CONFIRM, Action.OBJECT, Action.ANSWER}

#: hulu accepted it first, handed it to taman, which asked hilir.
CASE = route(request(held("hulu", "taman"), "hilir"), "hilir").case
SECRET = route(request(held("hulu", "taman", category="curang"), "hilir"), "hilir").case


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (NOBODY, EVERYBODY),
        (Credential(role="app"), EVERYBODY),
        (Credential(role="ops"), EVERYBODY),
        (officer("jalan"), EVERYBODY),
        (coordinator("utara"), EVERYBODY),
        (AUDITOR, READER | {Action.RATING}),
        (officer("hulu"), WRITER),
        (officer("hilir"), ASKED),
        (officer("taman"), HOLDER | {Action.CONTACT, Action.PACKAGE_IDENTITY}),
        (coordinator("taman"), HOLDER | {Action.CONTACT, Action.PACKAGE_IDENTITY}),
        (coordinator("asisten"), WRITER | {Action.ASSIGN, Action.RATING}),
        (coordinator("bupati"), WRITER | {Action.ASSIGN, Action.RATING}),
        (officer("asisten"), EVERYBODY),
        (REPORTER, OWNER),
        (Credential(role="app", sender=True), SENDER),
    ],
)
def test_who_may_what(credential, expected):
    assert can(CASE, credential) == expected


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (NOBODY, set()),
        (Credential(role="app"), set()),
        (Credential(role="ops"), set()),
        (officer("jalan"), set()),
        (coordinator("utara"), set()),
        (AUDITOR, READER | {Action.RATING}),
        (officer("hulu"), WRITER),
        (officer("taman"), HOLDER),
        (coordinator("asisten"), WRITER | {Action.ASSIGN, Action.RATING}),
        (REPORTER, OWNER),
        (Credential(role="app", sender=True), set()),
    ],
)
def test_a_confidential_report_is_not_there_for_strangers_and_nobody_learns_who_reported(credential, expected):
    assert can(SECRET, credential) == expected


def test_one_can_be_several_things_to_a_report():
    both = Credential(reporter=True, role="officer", office="taman")
    assert can(CASE, both) == OWNER | HOLDER | {Action.PACKAGE_IDENTITY}


def test_an_office_the_report_is_about_learns_nothing_by_its_rank():
    case = convened("asisten", held("hulu", named=("sekretaris", "jalan")))
    assert can(case, coordinator("sekretaris")) == EVERYBODY
    assert can(case, officer("jalan")) == EVERYBODY
    assert Action.ASSIGN in can(case, coordinator("asisten"))


def test_a_convened_coordinator_who_stands_above_nobody_in_it_can_still_read_and_assign():
    case = convened("utara", held("taman"))
    assert can(case, coordinator("utara")) == WRITER | {Action.ASSIGN, Action.RATING}


def test_a_coordinator_above_the_holder_reads_even_while_a_higher_one_decides():
    case = convened("bupati", held("hulu"))
    assert Action.FULL_VIEW in can(case, coordinator("utara"))


def test_an_offer_that_was_refused_or_has_not_been_decided_opens_nothing():
    assert can(opened(), officer("jalan")) == EVERYBODY
    assert can(offered("jalan"), officer("jalan")) == ASKED
    assert can(request(held("hulu"), "hilir"), officer("hilir")) == EVERYBODY


def test_a_token_without_an_office_of_its_own_acts_for_nobody():
    assert can(CASE, Credential(role="officer")) == EVERYBODY
    for role in ("app", "ops", "auditor"):
        assert not can(CASE, Credential(role=role, office="taman")) - READER - {Action.RATING}


@pytest.mark.parametrize("case", [CASE, SECRET, opened(), resolved(), convened()])
def test_only_the_reporter_answers_a_resolution_and_consents(case):
    for office in OFFICES:
        for credential in (officer(office), coordinator(office)):
            assert not can(case, credential) & {Action.CONFIRM, Action.OBJECT, Action.CONSENT, Action.RATE}


def test_every_action_is_in_the_table_and_somebodys():
    assert set(ENTITLED) == set(Action)
    assert all(ENTITLED.values())
    assert {role for roles in ENTITLED.values() for role in roles} == set(Role)
