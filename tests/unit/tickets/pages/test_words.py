"""All words are there in both languages, and every page finds those it asks for."""

import re
import string
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estafet.events.fields import SHAREABLE
from estafet.settings import DESK_ROLES
from services.tickets import pages
from services.tickets.custody.foresight import Fate
from services.tickets.history import _TOLD
from services.tickets.pages.coordinator import period, sankey
from services.tickets.pages.coordinator.overdue import MEASURES
from services.tickets.pages.dates import Calendar
from services.tickets.pages.desk.act_forms import ACT_FORMS
from services.tickets.pages.desk.entry import account
from services.tickets.pages.refusing import _BY_STATUS, _SAID
from services.tickets.pages.stations import Mark
from services.tickets.pages.words import LANGUAGES, words
from services.tickets.photos.rule import Fault
from services.tickets.rating.survey import ELEMENTS, SCORES
from services.tickets.statistics.flows import Flow
from services.tickets.worklist import LISTS

FOLDER = Path(pages.__file__).parent
SOURCES = [*FOLDER.glob("templates/**/*.html"), *FOLDER.glob("**/*.py")]
ASKED = re.compile(r"""(?:say|words)\(\s*f?["']([a-z0-9_.{}-]+)["']\s*([,)~])""")
#: Words of the desk that are put together, by what is before the last dot.
DESK = ["role", "refused", "list", "list_says", "none", "waits_for", "handoff", "share", "outcome", "send", "act"]
DESK += ["fate", "group", "why", "check", "choose", "done", "problems", "faults", "keys"]
RAISED = re.compile(r'Refused\(\s*"([a-z-]+)"')
FORESEEN = re.compile(r'"((?:[a-z]+-)+[a-z]+)"')
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


def test_what_is_put_together_is_written_too():
    say = words("id")
    assert all(say.has(f"line.{each.value}") for each in Mark)
    assert all(say.has(f"problems.{each}.says") for each in {*_SAID.values(), *_BY_STATUS.values(), "no-page"})
    assert all(say.has(f"account.roles.{each}") for each in DESK_ROLES)
    assert all(say.has(f"account.done.{each}") for each in account.DONE)
    assert all(say.has(f"photos.faults.{each.value}") for each in Fault)
    assert all(say.has(f"follow.next.{each}") for each in ("requested", "offered", "held", "convened", "resolved"))
    assert all(say.has(f"coordinator.tabs.{each}") for each in ("convened", "flows", "overdue"))
    assert all(say.has(f"convened.faults.{each}") for each in ("decided", "overtaken", "none", "two"))
    assert all(say.has(f"flows.columns.{each}") for each in ("pair", *(each.name for each in fields(Flow)[2:])))
    assert all(say.has(f"flows.key.{each}") for each in sankey.KINDS)
    assert all(say.has(f"flows.kinds.{each}") for each in ("all", *period.KINDS))
    assert all(say.has(f"overdue.columns.{each}") for each in ("office", "held", "overdue", "median", "oldest"))
    assert all(say.has(f"overdue.measures.{each}") for each in MEASURES)
    assert all(say.has(f"desk.done.{each}") and say.has(f"desk.act.{each}") for each in ACT_FORMS)
    assert all(say.has(f"desk.group.{each.value}") for each in Fate if each is not Fate.IMPOSSIBLE)
    assert all(say.has(f"desk.{each}.{which}") for each in ("list", "list_says", "none") for which in LISTS)
    assert all(say.has(f"desk.role.{each}") for each in DESK_ROLES)
    assert all(say.has(f"desk.share.{each}") for each in SHAREABLE)
    foreseen = FORESEEN.findall((FOLDER.parent / "custody/foresight.py").read_text())
    assert foreseen
    assert all(say.has(f"desk.why.{rule}") for rule in foreseen)


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
    assert [slug for slug in slugs if not words("id").has(f"desk.problems.{slug}")] == []


def test_each_question_of_the_survey_has_a_word_for_each_score():
    for say in map(words, LANGUAGES):
        assert all(say.has(f"rate.ask.{each}") for each in ELEMENTS)
        assert {len(set(say.listed(f"rate.words.{each}"))) for each in ELEMENTS} == {len(SCORES)}


def test_no_words_are_left_over():
    texts = "\n".join(each.read_text() for each in SOURCES)
    built = ("date.", "line.", "problems.", "code.", "follow.status.", "follow.next.", "follow.thanks_", "home.how_")
    built += (
        "report.faults.",
        "report.groups.",
        "report.consent_",
        "report.name",
        "report.email",
        "report.phone",
        "board.tiles.",
        "board.hops_",
        "board.grades.",
        "board.elements.",
        "consent.fields.",
        "rate.ask.",
        "rate.words.",
        "sign-in.fields.",
        "sign-in.faults.",
        "coordinator.tabs.",
        "convened.faults.",
        "flows.columns.",
        "flows.key.",
        "flows.kinds.",
        "overdue.columns.",
        "overdue.measures.",
        "account.faults.",
        "account.roles.",
        "account.done.",
        *(f"desk.{each}." for each in DESK),
        "photos.faults.",
    )
    unused = [each for each in words("id").texts if not each.startswith(built) and f'"{each}"' not in texts]
    assert unused == []


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
