import pytest

from services.tickets import custody
from services.tickets.custody import Refused
from tests.unit.tickets.scene import act, held, names, offered, opened, resolved, route
from tests.unit.tickets.town import DIRECTORY


def refer(case, by="jalan", agency="wasit"):
    return custody.refer(case, act(by), DIRECTORY, agency=agency)


def answer(case, outcome, by="jalan", **options):
    return custody.answer(case, act(by), referral=case.referrals[0].id, outcome=outcome, **options)


def test_the_agency_gets_what_it_needs_and_the_reporter_consented_to_and_no_more():
    for consent, shared in (
        (("text",), ["text"]),
        (("contact", "name", "place"), ["name"]),
        (("name", "text"), ["text", "name"]),
    ):
        outcome = refer(held(consent=consent))
        assert outcome.said[0].data["fields_shared"] == shared
        assert outcome.referrals[0].shared == tuple(shared)
        assert outcome.case.holder == outcome.said[0].data["office"] == "jalan"


def test_a_referral_is_no_change_of_custody():
    case = held(consent=("text",))
    outcome = refer(case)
    assert outcome.case.version == outcome.said[0].version == case.version
    assert outcome.said[0].data["ticket"]["referrals_open"] == 1
    assert outcome.said[0].answers == case.custody_message
    assert outcome.said[0].id == outcome.referrals[0].id


@pytest.mark.parametrize(
    ("case", "by", "agency", "slug"),
    [
        (held(), "jalan", "wasit", "no-consent"),
        (held(consent=("contact",)), "jalan", "wasit", "no-consent"),
        (held(consent=("text",)), "taman", "wasit", "not-holder"),
        (held(consent=("text",)), "jalan", "nowhere", "unknown-office"),
        (held(consent=("text",)), "jalan", "taman", "invalid"),
        (held(consent=("text",), named=("wasit",)), "jalan", "wasit", "named-office"),
        (resolved(held(consent=("text",))), "jalan", "wasit", "resolved"),
        (refer(held(consent=("text",))).case, "jalan", "wasit", "referral-open"),
    ],
)
def test_what_cannot_be_referred_is_told_why(case, by, agency, slug):
    with pytest.raises(Refused) as caught:
        refer(case, by, agency)
    assert caught.value.slug == slug


def test_a_receipt_keeps_it_open_and_an_answer_ends_it():
    case = refer(held(consent=("text",))).case
    received = answer(case, "received", receipt="W-17")
    assert received.case.referrals_open == 1
    settled = answer(received.case, "settled", words="Ditutup.")
    assert settled.case.referrals_open == 0
    assert settled.said[0].data["receipt"] == "W-17", "the receipt stays with it"
    assert settled.said[0].answers == case.referrals[0].id
    with pytest.raises(Refused) as caught:
        answer(settled.case, "declined")
    assert caught.value.slug == "closed"
    assert refer(settled.case).case.referrals_open == 1, "it can be asked again"


def test_only_the_holder_records_an_answer_to_a_referral_there_is():
    case = refer(held(consent=("text",))).case
    with pytest.raises(Refused) as caught:
        answer(case, "settled", by="taman")
    assert caught.value.slug == "not-holder"
    with pytest.raises(Refused) as caught:
        custody.answer(case, act("jalan"), referral="nothing", outcome="settled")
    assert caught.value.slug == "not-found"


def test_what_routing_wants_referred_is_referred_with_the_offer_when_there_is_consent():
    outcome = route(opened("investasi", consent=("text",)), "taman", refer="wasit")
    assert names(outcome) == ["handoff.offered", "referral.opened"]
    assert outcome.case.holder == outcome.said[1].data["office"] == "loket"


def test_else_it_waits_for_the_reporters_consent():
    case = offered("taman", "investasi")
    case = route(opened("investasi"), "taman", refer="wasit").case
    assert case.referrals == ()
    still = custody.consent(case, act(None), DIRECTORY, fields=("contact",))
    assert (still.said, still.case.consent) == ((), ("contact",))
    given = custody.consent(still.case, act(None), DIRECTORY, fields=("text", "contact"))
    assert given.said[0].data["fields_shared"] == ["text"]
    assert given.said[0].answers == case.custody_message
    again = custody.consent(given.case, act(None), DIRECTORY, fields=("text", "name"))
    assert again.said == (), "asked once"


def test_an_agency_the_report_is_about_is_never_told():
    outcome = route(opened("investasi", consent=("text",), named=("wasit",)), "taman", refer="wasit")
    assert names(outcome) == ["handoff.offered"]


def test_consent_is_the_reporters_to_give():
    with pytest.raises(Refused) as caught:
        custody.consent(held(), act("jalan"), DIRECTORY, fields=("text",))
    assert caught.value.slug == "not-entitled"


def test_consent_can_be_taken_back_for_what_is_referred_later():
    case = custody.consent(held(consent=("text",)), act(None), DIRECTORY, fields=()).case
    with pytest.raises(Refused) as caught:
        refer(case)
    assert caught.value.slug == "no-consent"
