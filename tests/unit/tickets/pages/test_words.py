"""All words are there in both languages, and every page finds those it asks for."""

import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estafet.events.fields import SHAREABLE
from estafet.settings import DESK_ROLES
from estafet.web import PROBLEMS
from services.tickets import pages
from services.tickets.board.figures import MANY_HOPS
from services.tickets.custody.foresight import Fate
from services.tickets.history import _TOLD
from services.tickets.pages.coordinator import period, sankey
from services.tickets.pages.coordinator.overdue import MEASURES
from services.tickets.pages.dates import Calendar
from services.tickets.pages.desk import refusing
from services.tickets.pages.desk.act_forms import ACT_FORMS
from services.tickets.pages.desk.acts import _FORESEEN
from services.tickets.pages.desk.entry import account
from services.tickets.pages.following import _DONE
from services.tickets.pages.refusing import _BY_STATUS, _SAID
from services.tickets.pages.reporting import _FIELDS
from services.tickets.pages.stations import Mark
from services.tickets.pages.words import LANGUAGES, words
from services.tickets.photos.rule import Fault
from services.tickets.rating.ikm import GRADES
from services.tickets.rating.survey import ELEMENTS, SCORES
from services.tickets.statistics.flows import _COUNTED, COUNTS
from services.tickets.worklist import LISTS

FOLDER = Path(pages.__file__).parent
SOURCES = [*FOLDER.glob("templates/**/*.html"), *FOLDER.glob("**/*.py")]
ASKED = re.compile(r"""(?:say|words)\(\s*f?["']([a-z0-9_.{}-]+)["']\s*([,)~])""")
RAISED = re.compile(r'Refused\(\s*"([a-z-]+)"')
REFUSED = {slug for file in FOLDER.parent.glob("custody/*.py") for slug in RAISED.findall(file.read_text())}
FORESEEN = re.findall(r'"((?:[a-z]+-)+[a-z]+)"', (FOLDER.parent / "custody/foresight.py").read_text())
#: What an outside agency may answer.
OUTCOMES = ("received", "settled", "declined")
JAKARTA = ZoneInfo("Asia/Jakarta")


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}


def test_both_languages_have_the_same_words_with_the_same_gaps():
    id, en = (words(each).texts for each in LANGUAGES)
    assert id.keys() == en.keys()
    for place in id:
        assert gaps(id[place]) == gaps(en[place]), place
        assert type(id[place]) is type(en[place])
        assert id[place], place


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_what_a_page_asks_for_is_written(file):
    for place, after in ASKED.findall(file.read_text()):
        if "{" not in place and after != "~":
            assert words("id").has(place), place


#: Words that are put together: what stands before, and all that may follow.
BUILT = {
    "account.done": account.DONE,
    "account.faults": ("old", "different", "same", "length", "common", "waits", "otp", "late"),
    "account.roles": DESK_ROLES,
    "board.elements": ELEMENTS,
    "board.grades": [name for name, _ in GRADES],
    "board.hops_": range(MANY_HOPS + 1),
    "code": ("length", "strange", "check"),
    "consent.fields": SHAREABLE,
    "convened.faults": ("decided", "overtaken", "none", "two"),
    "coordinator.tabs": ("convened", "flows", "overdue"),
    "date": [f"{unit}.{many}" for unit in ("days", "hours", "minutes") for many in ("one", "many")],
    "desk.act": ACT_FORMS,
    "desk.check": [*_FORESEEN, *(f"stays_{each}" for each in _FORESEEN)],
    "desk.choose.open_": _FORESEEN,
    "desk.done": ACT_FORMS,
    "desk.faults": refusing._FIELDS,
    "desk.fate": [each.value for each in Fate],
    "desk.group": [each.value for each in Fate if each is not Fate.IMPOSSIBLE],
    "desk.handoff": _COUNTED,
    "desk.keys": ("next", "previous", "tick", "search", "accept", "refuse", "handoff", "resolve", "note", "these"),
    "desk.list": LISTS,
    "desk.list_says": LISTS,
    "desk.none": LISTS,
    "desk.outcome": ("none", *OUTCOMES),
    "desk.refused": ("not-entitled", "not-found"),
    "desk.role": DESK_ROLES,
    "desk.send": _FORESEEN,
    "desk.share": SHAREABLE,
    "desk.waits_for": ("requested", "offered", "convened", "resolved"),
    "desk.why": {*FORESEEN, "named-office", "office-cannot-hold", "unknown-office"},
    "flows.columns": ("pair", *COUNTS),
    "flows.key": sankey.KINDS,
    "flows.kinds": ("all", *period.KINDS),
    "follow.next": ("requested", "offered", "held", "convened", "resolved", "closed"),
    "follow.status": ("requested", "offered", "held", "convened", "resolved", "closed"),
    "follow.thanks_": _DONE,
    "home.how_": range(1, 5),
    "line": Mark,
    "line.said.referral": OUTCOMES,
    "overdue.columns": ("office", "held", "overdue", "median", "oldest"),
    "overdue.measures": MEASURES,
    "photos.faults": Fault,
    "problems": [
        f"{each}.{part}" for each in {*_SAID.values(), *_BY_STATUS.values(), "no-page"} for part in ("title", "says")
    ],
    "rate.ask": ELEMENTS,
    "rate.words": ELEMENTS,
    "report": ("name", "email", "phone"),
    "report.consent_": SHAREABLE,
    "report.faults": (*_FIELDS, "other"),
    "report.groups": ("emergency", "city", "local", "confidential"),
    "sign-in.faults": ("wrong", "ended", "waits", "otp", "late", "nobody", "no_account", "unproven"),
    "sign-in.fields": {"other", *(each for form in ACT_FORMS.values() for each in form.fields)} - {"referral"},
}
PLACES = {f"{before}{'' if before.endswith('_') else '.'}{each}" for before, some in BUILT.items() for each in some}


def test_what_is_put_together_is_written_too():
    assert FORESEEN
    missing = sorted(PLACES - words("id").texts.keys())
    assert missing == [], "services/tickets/pages/wording/id, in the file that has the others of its kind, and in en"


def test_every_step_of_a_report_is_said_on_its_line_or_shown_by_its_mark():
    say = words("id")
    marked = {"ticket.opened", "ticket.convened", "handoff.offered", "handoff.accepted", "referral.opened"}
    elsewhere = {"note.added", "reporter.erased", "referral.answered"}
    said = {each for each in _TOLD if say.has(f"line.said.{each}")}
    assert said == _TOLD.keys() - marked - elsewhere, "line.said in pages/wording, and pages/stations.py"
    assert all(say.has(f"line.said.referral.{each}") for each in ("received", "settled", "declined"))


@pytest.mark.parametrize("source", ["checks", "holding", "handoff", "convening", "referral", "ending"])
def test_what_the_rules_refuse_an_officer_is_said(source):
    slugs = set(RAISED.findall((FOLDER.parent / f"custody/{source}.py").read_text())) - {"not-resolved"}
    assert slugs
    missing = [slug for slug in slugs if not words("id").has(f"desk.problems.{slug}")]
    assert missing == [], "problems in services/tickets/pages/wording/id/desk.yaml, and in en"


def test_each_question_of_the_survey_has_a_word_for_each_score():
    for say in map(words, LANGUAGES):
        assert all(say.has(f"rate.ask.{each}") for each in ELEMENTS)
        assert {len(set(say.listed(f"rate.words.{each}"))) for each in ELEMENTS} == {len(SCORES)}


def test_no_words_are_left_over():
    """What the rules refuse and a report's steps are held above, each by its own test."""
    texts = "\n".join(each.read_text() for each in SOURCES)
    steps = {f"line.said.{each}{more}" for each in _TOLD for more in ("", "_open")}
    refused = {f"desk.problems.{each}" for each in {*PROBLEMS, *REFUSED}}
    unused = words("id").texts.keys() - PLACES - steps - refused
    assert [each for each in unused if f'"{each}"' not in texts] == []


def test_dates_are_real_ones_in_the_citys_time():
    moment = datetime(2026, 3, 31, 17, 5, tzinfo=UTC)
    assert Calendar(words("id"), JAKARTA).moment(moment) == "Rabu, 1 April 2026 pukul 00.05 WIB"
    assert Calendar(words("en"), JAKARTA).moment(moment) == "Wednesday 1 April 2026, 00:05 WIB"


@pytest.mark.parametrize(
    ("minutes", "id", "en"),
    [
        (0, "kurang dari semenit", "less than a minute"),
        (-5, "kurang dari semenit", "less than a minute"),
        (1, "1 menit", "1 minute"),
        (61, "1 jam 1 menit", "1 hour 1 minute"),
        (120, "2 jam", "2 hours"),
        (1440, "1 hari", "1 day"),
        (2 * 1440 + 180 + 59, "2 hari 3 jam", "2 days 3 hours"),
    ],
)
def test_spans(minutes, id, en):
    span = timedelta(minutes=minutes)
    assert Calendar(words("id"), JAKARTA).lasting(span) == id
    assert Calendar(words("en"), JAKARTA).lasting(span) == en


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_a_span_is_never_said_longer_than_it_is(span):
    said = Calendar(words("en"), JAKARTA).lasting(span)
    units = {"day": 1440, "hour": 60, "minute": 1}
    minutes = sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+) (day|hour|minute)", said))
    assert minutes <= span.total_seconds() / 60 < minutes + (60 if minutes >= 1440 else 1)
