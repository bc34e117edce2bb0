from dataclasses import replace

from estafet.events import contract
from services.tickets.directory import Directory, Office
from tests.unit.tickets.town import DIRECTORY, HOLDERS, OFFICES, PUBLISHED


def test_what_is_published_satisfies_the_contract_and_reads_the_same():
    data = contract("directory.published").schema().load(PUBLISHED)
    assert Directory.of(data) == DIRECTORY


def test_a_directory_that_names_no_agencies_rules_out_no_referral():
    services = PUBLISHED["services"]
    older = Directory.of({**PUBLISHED, "services": services})
    newer = Directory.of({**PUBLISHED, "services": [{**each, "agency": None} for each in services]})
    named = Directory.of({**PUBLISHED, "services": [{**each, "agency": "wasit"} for each in services]})
    assert {each.referable for each in older.services.values()} == {True}
    assert {each.referable for each in newer.services.values()} == {False}
    assert {(each.referable, each.agency) for each in named.services.values()} == {(True, "wasit")}


def test_only_offices_of_the_city_that_work_on_reports_can_hold_them():
    assert tuple(code for code in OFFICES if DIRECTORY.can_hold(code)) == HOLDERS
    assert not DIRECTORY.can_hold("nowhere")


def test_the_ladder_goes_from_the_lowest_coordinator_to_the_top():
    assert DIRECTORY.ladder("hulu") == ("utara", "asisten", "sekretaris", "bupati")
    assert DIRECTORY.ladder("bupati") == ()
    assert DIRECTORY.ladder("nowhere") == ()
    assert DIRECTORY.is_above("asisten", "taman")
    assert not DIRECTORY.is_above("utara", "taman")
    assert not DIRECTORY.is_above("utara", "utara")


def test_a_ladder_that_goes_in_a_circle_ends():
    offices = {code: Office(code, code, "coordinator", parent) for code, parent in (("a", "b"), ("b", "c"), ("c", "a"))}
    assert replace(DIRECTORY, offices=offices).ladder("a") == ("b", "c")


def test_a_former_office_is_called_by_its_code():
    assert DIRECTORY.name("hulu") == "Hulu"
    assert DIRECTORY.name("long-gone") == "long-gone"
