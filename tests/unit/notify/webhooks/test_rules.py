"""Which events an endpoint hears, when they are tried again, and how they are signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from estafet.events import CONTRACTS
from services.notify.webhooks import schedule
from services.notify.webhooks.endpoints import OVERLAP, Endpoint
from services.notify.webhooks.matching import EVENTS, Interest, hears
from services.notify.webhooks.signing import headers, new_secret

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)

names = st.sampled_from([each.name for each in CONTRACTS])
categories = st.sampled_from(["ktp", "road", "bribe"])
interests = st.builds(Interest, st.frozensets(st.sampled_from(EVENTS)), st.frozensets(categories), st.booleans())


def test_what_can_be_heard_is_what_apps_may_read_on_the_broker() -> None:
    readable = {each.name for each in CONTRACTS if each.public}
    assert set(EVENTS) < readable
    assert readable - set(EVENTS) == {"report.accepted", "report.rejected", "handoff.requested"}


@given(interests, names, categories, st.booleans())
def test_an_endpoint_hears_what_it_asked_for_and_never_what_it_may_not(
    interest: Interest, event: str, category: str, confidential: bool
) -> None:
    heard = hears(interest, event, category, confidential)
    if heard:
        assert event in EVENTS
        assert interest.confidential or not confidential
        assert not interest.categories or category in interest.categories
        assert not interest.events or event in interest.events
    everything = Interest(confidential=True)
    assert hears(everything, event, category, confidential) == (event in EVENTS)


@given(st.uuids(), st.lists(st.timedeltas(timedelta(0), timedelta(hours=1)), min_size=30, max_size=30))
def test_a_day_of_attempts_each_later_than_the_one_before(id: object, delays: list[timedelta]) -> None:
    now, attempts, waits = NOW, 1, []
    while (due := schedule.next_attempt(str(id), attempts, now)) is not None:
        waits.append(due - now)
        now, attempts = due + delays[attempts], attempts + 1
    assert waits == sorted(waits)
    assert timedelta(days=1) <= sum(waits, timedelta()) <= timedelta(days=1.5)
    assert schedule.is_hopeless(attempts, NOW, NOW + sum(waits, timedelta()))


def test_an_endpoint_is_hopeless_after_a_day_and_enough_attempts_not_after_one_of_both() -> None:
    day = schedule.HOPELESS_AFTER
    assert schedule.is_hopeless(10, NOW, NOW + day)
    assert not schedule.is_hopeless(9, NOW, NOW + day)
    assert not schedule.is_hopeless(10_000, NOW, NOW + day - timedelta(seconds=1))
    assert not schedule.is_hopeless(0, None, NOW)


def endpoint(secret: str, old: str | None, until: datetime | None) -> Endpoint:
    nothing = dict.fromkeys(("off_at", "switched_at", "switched_by", "switched_why", "failing_since"))
    return Endpoint(
        id="1",
        url="https://app.example/?key=geheim",
        owner="tim@app.example",
        interest=Interest(),
        secret=secret,
        old_secret=old,
        old_until=until,
        created_at=NOW,
        failures=0,
        **nothing,
    )


def test_for_a_day_after_a_rotation_either_secret_verifies_and_then_the_new_one_alone() -> None:
    now, body = datetime.now(UTC), '{"text": "Jalan Dhoho – é"}'.encode()
    old, new = new_secret(), new_secret()
    rotated = endpoint(new, old, now + OVERLAP)
    signed = headers("e-1", body, rotated.keys(now), now)
    for key in (old, new):
        Webhook(key).verify(body, signed)
    later = headers("e-1", body, rotated.keys(now + OVERLAP), now)
    Webhook(new).verify(body, later)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, later)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body + b" ", signed)


def test_secrets_differ_and_nothing_that_shows_an_endpoint_shows_them() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert one.startswith("whsec_")
    shown = repr(endpoint(one, other, NOW))
    assert not any(each in shown for each in (one, other, "geheim", "tim@"))
