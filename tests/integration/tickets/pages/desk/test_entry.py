"""Signing in at a desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.tickets.pages.desk.addresses import after
from services.tickets.signin import accounts
from services.tickets.signin import sessions as kept
from services.tickets.signin.tables import sessions
from tests.integration.tickets.pages.desk.officer import PASSWORD, Officer
from tests.integration.tickets.pages.reader import text_of


@pytest.mark.parametrize("whose", ["jalan", "coordinator:asisten", "auditor"])
def test_who_signs_in_has_a_session_of_the_desk_alone(served, whose):
    officer = Officer(served, whose)
    answer = officer.post(
        officer.form(officer.get("/desk/sign-in?next=/desk/x"), "/desk/sign-in"),
        follow=False,
        name=officer.name.upper(),
        password=PASSWORD,
    )
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/desk/x")
    cookie = answer.headers["set-cookie"]
    assert "estafet_seat=" in cookie
    assert all(part in cookie for part in ("HttpOnly", "Path=/desk", "SameSite=Lax"))


def test_a_wrong_password_says_what_to_do_and_not_which_was_wrong(served):
    officer = Officer(served, "jalan")
    wrong = officer.sign_in("/desk/sign-in", password="tidak benar sama sekali")
    assert wrong.status_code == 403
    assert "tidak cocok" in text_of(wrong)
    officer.name = "nobody.here"
    nobody = officer.sign_in("/desk/sign-in")
    assert text_of(nobody) == text_of(wrong)


@pytest.mark.parametrize(
    ("asked", "goal"),
    [
        ("/desk/report/CTH-1", "/desk/report/CTH-1"),
        ("/desk?list=held", "/desk?list=held"),
        ("/desks", "/desk"),
        ("https://elsewhere.example/desk/", "/desk"),
        ("//elsewhere.example/desk", "/desk"),
        ("/desk/\r\nSet-Cookie: a=b", "/desk"),
        ("/desk/\\elsewhere", "/desk"),
        ("", "/desk"),
        (None, "/desk"),
    ],
)
def test_the_sign_in_leads_to_the_desk_and_nowhere_else(asked, goal):
    assert after(asked) == goal


def test_sessions_end_by_leaving_by_staying_away_and_with_the_account(town):
    with town.works.begin() as work:
        account = accounts.add(work.connection, "ani", "officer", "jalan", PASSWORD, work.now)
        texts = [kept.begin(work.connection, account, work.now) for _ in range(3)]
        now = work.now
        seat = kept.find(work.connection, texts[0], now)
        assert seat is not None
        assert (seat.token.role, seat.token.office) == ("officer", "jalan")
        assert kept.find(work.connection, "another", now) is None
        kept.end(work.connection, texts[0])
        assert kept.find(work.connection, texts[0], now) is None
        later = now + kept.IDLE
        assert kept.find(work.connection, texts[1], later) is None
        worn = kept.find(work.connection, texts[1], later - timedelta(seconds=1))
        assert worn is not None
        assert worn.worn
        kept.touch(work.connection, worn, later - timedelta(seconds=1))
        assert kept.find(work.connection, texts[1], later) is not None
        work.connection.execute(update(sessions).values(seen_at=now + kept.LONGEST))
        assert kept.find(work.connection, texts[1], now + kept.LONGEST) is None
        assert kept.forget(work.connection, now + kept.LONGEST) == 2
        text = kept.begin(work.connection, account, now)
        assert accounts.end(work.connection, "ani", now)
        assert kept.find(work.connection, text, now) is None
        assert accounts.find(work.connection, "ani") is None


def test_a_page_that_looks_by_itself_is_nobody_at_the_desk(served):
    officer = Officer(served, "jalan")
    officer.sign_in()
    half = datetime.now(UTC) - kept.IDLE / 2

    def seen_after(**headers: str) -> bool:
        with served.town.works.database.begin() as connection:
            connection.execute(update(sessions).values(seen_at=half))
        assert officer.http.get("/desk", headers=headers).status_code == 200
        with served.town.works.database.read() as connection:
            return any(each > half for each in connection.execute(select(sessions.c.seen_at)).scalars())

    assert not seen_after(**{"Sec-Fetch-Dest": "empty"}), "its script"
    assert seen_after(**{"Sec-Fetch-Dest": "document"}), "somebody opened it"
    assert seen_after(), "a browser that does not say"


def test_another_password_ends_the_sessions_before_it(town):
    with town.works.begin() as work:
        account = accounts.add(work.connection, "ani", "officer", "jalan", PASSWORD, work.now)
        text = kept.begin(work.connection, account, work.now)
        assert accounts.set_password(work.connection, "ani", "kata sandi lain", must_change=True)
        assert kept.find(work.connection, text, work.now) is None
        found = accounts.find(work.connection, "ani")
        assert found is not None
        assert (found[0].id, found[0].must_change) == (account.id, True)
        assert not accounts.is_password(found[1], PASSWORD)
        assert accounts.is_password(found[1], "kata sandi lain")
        assert not accounts.set_password(work.connection, "budi", "kata sandi lain")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "Ani Wati"}, "a name is"),
        ({"role": "app"}, "there is no role app"),
        ({"office": None}, "needs an office"),
        ({"role": "auditor"}, "belongs to no office"),
        ({"office": "nowhere"}, "there is no office nowhere"),
        ({"password": "pendek"}, "10 to 200"),
    ],
)
def test_what_cannot_be_an_account_is_said(town, given, said):
    wanted = {"name": "ani", "role": "officer", "office": "jalan", "password": PASSWORD, **given}
    with town.works.begin() as work, pytest.raises(ValueError, match=said):
        accounts.add(work.connection, **wanted, now=work.now)
