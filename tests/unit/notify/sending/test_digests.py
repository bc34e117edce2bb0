"""What a digest says of each report, and in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.deliveries import Delivery
from services.notify.messages import DIGEST
from services.notify.sending.digests import Digest, digest_of, sections
from services.notify.sending.overtaking import ASIDE
from services.notify.wording.phrasebook import packaged
from services.notify.wording.vocabulary import LOCALES
from tests.unit.notify.samples import NOW
from tests.unit.notify.wording.test_rendering import words


def delivery(id: str, template: str, version: int | None = 1, **changes: Any) -> Delivery:
    given: dict[str, Any] = {
        "event_id": id,
        "correlation_id": "first",
        "ticket": "A",
        "category": "road",
        "confidential": False,
        "audience": "office",
        "recipient": "lake",
        "facts": {},
        "attempts": 0,
        "created_at": NOW,
    }
    return Delivery(id=id, template=template, version=version, **(given | changes))


messages = st.lists(
    st.tuples(
        st.sampled_from(sorted(packaged().messages("id") - {DIGEST})),
        st.none() | st.integers(1, 9),
        st.sampled_from("ABC"),
    ),
    min_size=1,
    max_size=12,
).map(lambda some: [delivery(f"{at:02}", name, version, ticket=code) for at, (name, version, code) in enumerate(some)])


@given(messages)
def test_of_each_report_it_says_the_last_and_what_that_does_not_repeat(some: list[Delivery]) -> None:
    found = sections(some)
    assert [each.ticket for each in found] == list(dict.fromkeys(each.ticket for each in some))
    for report in found:
        own = [each for each in some if each.ticket == report.ticket]
        shown = list(report.messages)
        assert {each.id for each in own if each.template in ASIDE} <= {each.id for each in shown}
        everyday = [each for each in own if each.template not in ASIDE]
        last = [each for each in shown if each.template not in ASIDE]
        assert len(last) == min(len(everyday), 1)
        assert all((each.version or 0) <= (last[0].version or 0) for each in everyday)


def test_by_when_is_what_is_nearest_to_the_reader() -> None:
    soon, late = NOW + timedelta(hours=1), NOW + timedelta(days=9)
    facts = {"accept_by": soon.isoformat(), "resolve_by": late.isoformat()}
    [report] = sections([delivery("1", "handoff-offered-receiver", facts=facts)])
    assert report.by == soon
    [report] = sections([delivery("1", "ticket-assigned-receiver", facts={"resolve_by": late.isoformat()})])
    assert report.by == late
    [report] = sections([delivery("1", "ticket-closed-holder", facts={"resolve_by": None})])
    assert report.by is None


def test_whose_digest_a_message_goes_with() -> None:
    assert digest_of(delivery("1", "note-added-office"), NOW) == Digest("lake", "", NOW)
    assert digest_of(delivery("1", "note-added-reporter", recipient="reporter"), NOW) == Digest("reporter", "A", NOW)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_words(locale: str) -> None:
    one = {"code": "A", "category": "road", "what": ["Satu.", "Dua."], "by": NOW.isoformat(), "link": "https://x/t/A"}
    secret = {"code": "B", "category": "bribe", "what": [], "by": None, "link": "https://x/t/B"}
    offices = words(DIGEST, {"reports": [one, secret], "count": 2}, locale, code="", category="")
    assert " 2 " in offices.subject
    assert not offices.subject.startswith("[")
    assert "- Satu.\n- Dua.\n" in offices.text
    assert "16" in offices.text, "the time, where the city is"
    paragraphs = offices.text.rstrip().split("\n\n")
    assert [each.count("\n") for each in paragraphs] == [0, 0, 4, 1, 0], (
        "headline, a sentence, a paragraph a report (of a confidential one, two lines), and the city"
    )
    assert offices.html.count('href="https://x/t/') == 2, "a button for each report"


@pytest.mark.parametrize("locale", LOCALES)
def test_a_reporters_digest_ends_as_their_letters_do(locale: str) -> None:
    one = {
        "code": "A",
        "category": "road",
        "what": ["Satu."],
        "by": None,
        "link": "https://lapor.tirtajaya.example/t/A#k",
    }
    opened = words("ticket-opened-reporter", {}, locale, code="A", secret="k")
    digest = words(DIGEST, {"reports": [one], "count": 1}, locale, code="A", secret="k")
    assert digest.subject == opened.subject, "so it is in the same conversation"
    assert digest.brief.startswith("[A] ")
    assert digest.brief != digest.subject
    assert digest.text.count(str(one["link"])) == digest.html.count(f'href="{one["link"]}"') == 1
    assert digest.text.endswith(opened.text.rpartition(str(one["link"]))[2]), "how to stop everyday news too"
    hidden = words(DIGEST, {"reports": [one], "count": 1}, locale, code="A", confidential=True, secret="k")
    assert (
        hidden.subject == words("ticket-opened-reporter", {}, locale, code="A", confidential=True, secret="k").subject
    )
