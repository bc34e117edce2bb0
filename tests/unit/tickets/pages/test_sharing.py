"""Which agencies a reporter is shown, and what they were given."""

from dataclasses import replace

from services.tickets.custody.case import Referral
from services.tickets.pages.sharing import agencies
from tests.unit.tickets.scene import held
from tests.unit.tickets.town import DIRECTORY, NOW

REFERRAL = Referral(id="r", agency="wasit", office="jalan", shared=("text",), opened=NOW)
KNOWN = replace(
    DIRECTORY,
    services={**DIRECTORY.services, "investasi": replace(DIRECTORY.services["investasi"], agency="wasit")},
)


def told(case, city=DIRECTORY):
    return [(each.name, each.needs, each.given) for each in agencies(case, city)]


def test_none_where_none_is_asked():
    assert told(held("jalan")) == []
    assert told(held("jalan"), KNOWN) == []


def test_the_one_that_waits_for_consent_and_the_one_of_the_category():
    waits = [("Wasit", ("text", "name"), None)]
    assert told(replace(held("jalan"), refer_to="wasit")) == waits
    assert told(replace(held("jalan"), category="investasi"), KNOWN) == waits
    assert told(replace(held("jalan"), category="investasi", status="closed"), KNOWN) == []


def test_what_was_given_is_told_and_the_agency_once():
    asked = replace(held("jalan"), category="investasi", referrals=(REFERRAL,))
    assert told(asked, KNOWN) == [("Wasit", ("text", "name"), ("text",))]
    assert told(replace(asked, status="closed"), KNOWN) == [("Wasit", ("text", "name"), ("text",))]


def test_an_agency_that_the_report_is_about_is_not_asked():
    assert told(replace(held("jalan"), category="investasi", named=("wasit",)), KNOWN) == []
