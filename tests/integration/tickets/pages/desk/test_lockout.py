"""Who guesses waits; who was guessed at does not have to; and nobody learns which names there are."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from services.tickets.signin import accounts, browsers, tries
from services.tickets.signin.lockout import FREE, LAST, waiting
from services.tickets.signin.proving import Prover
from services.tickets.signin.tables import tries as table
from tests.integration.tickets.pages.desk.officer import PASSWORD, Officer
from tests.integration.tickets.pages.reader import text_of
from tests.integration.tickets.town import KEY

WRONG = "tidak benar sama sekali"
#: What stands on a page only for this visit.
_OWN = re.compile(r'value="[^"]*"')


def test_as_many_as_are_free_are_looked_at_however_many_come_at_once(town):
    with town.works.begin() as work:
        account = accounts.add(work.connection, "ani", "officer", "jalan", PASSWORD, work.now)
    looked_at = []

    def one(_: int) -> None:
        with town.works.begin() as work:
            if tries.take(work.connection, f"account:{account.id}", work.now) is None:
                looked_at.append(1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    assert len(looked_at) == FREE


def test_after_each_waiting_one_more_is_looked_at(town):
    def take():
        with town.works.begin() as work:
            return tries.take(work.connection, "account:x", work.now)

    assert [take() for _ in range(FREE)] == [None] * FREE
    for failures in range(FREE, LAST + 3):
        until = take()
        assert until == town.clock.now() + waiting(failures)
        town.clock.time = until - timedelta(seconds=1)
        assert take() == until
        town.clock.time = until
        assert take() is None
    with town.works.begin() as work:
        tries.clear(work.connection, "account:x")
    assert [take() for _ in range(FREE)] == [None] * FREE
    assert take() is not None
    with town.works.begin() as work:
        assert tries.forget(work.connection, work.now) == 0
        assert tries.forget(work.connection, work.now + tries.KEPT + timedelta(seconds=1)) == 1


def test_a_right_password_is_not_looked_at_while_it_waits_and_begins_anew_after(served):
    officer = Officer(served, "hulu")
    for _ in range(FREE):
        assert "tidak cocok" in text_of(officer.sign_in("/desk/sign-in", password=WRONG))
    told = officer.sign_in("/desk/sign-in")
    assert told.status_code == 403
    assert re.search(r"baru dilihat setelah \w+, \d+ \w+ \d{4} pukul \d\d\.\d\d WIB", text_of(told))
    assert "estafet_seat" not in officer.http.cookies
    with served.town.works.begin() as work:
        work.connection.execute(update(table).values(locked_until=work.now - timedelta(days=400)))
    assert "akun" in text_of(officer.sign_in("/desk/account"))
    with served.town.works.database.read() as connection:
        found = accounts.find(connection, officer.name)
        assert found is not None
        assert [each for each in connection.execute(select(table.c.key)).scalars() if found[0].id in each] == []


def test_whom_somebody_else_guessed_at_gets_in_with_the_browser_they_know(served):
    owner = Officer(served, "hilir")
    assert owner.sign_in("/desk/account").is_success
    owner.post(owner.form(owner.get("/desk/account"), "/desk/leave"))
    stranger = owner.again()
    for _ in range(FREE + 3):
        stranger.sign_in("/desk/sign-in", password=WRONG)
    assert "baru dilihat" in text_of(stranger.sign_in("/desk/sign-in"))
    assert owner.name in text_of(owner.sign_in("/desk/account"))
    owner.post(owner.form(owner.get("/desk/account"), "/desk/leave"))
    # That browser waits for its own wrong passwords, and the operator ends both waits.
    for _ in range(FREE):
        owner.sign_in("/desk/sign-in", password=WRONG)
    assert "baru dilihat" in text_of(owner.sign_in("/desk/sign-in"))
    with served.town.works.begin() as work:
        listed = {each["name"]: each["locked_until"] for each in accounts.list_accounts(work.connection)}
        assert listed[owner.name] is not None
        assert accounts.unlock(work.connection, owner.name)
    assert owner.sign_in("/desk/account").is_success
    assert stranger.sign_in("/desk/account").is_success


@pytest.mark.parametrize("name", ["ani", "budi"])
def test_a_browser_is_known_for_one_name_and_by_nothing_it_could_make_itself(name):
    cookies = {browsers.cookie_of("ani", KEY): browsers.remember("ani", KEY, None)}
    known = browsers.known(cookies, name, KEY)
    assert (known is not None) == (name == "ani")
    assert browsers.known(cookies, "ani", b"another key") is None
    stolen = {browsers.cookie_of("budi", KEY): cookies[browsers.cookie_of("ani", KEY)]}
    assert browsers.known(stolen, "budi", KEY) is None
    assert browsers.known({browsers.cookie_of("ani", KEY): "."}, "ani", KEY) is None
    if known:
        assert (
            browsers.known({browsers.cookie_of("ani", KEY): browsers.remember("ani", KEY, known)}, "ani", KEY) == known
        )


def test_a_name_that_is_not_there_is_answered_alike_until_it_waits_and_while_it_waits(served):
    there, nowhere = Officer(served, "taman"), Officer(served, "taman")
    nowhere.name = f"nobody.{secrets.token_hex(4)}"  # which nobody tried before
    for _ in range(FREE + 2):
        pages = [each.sign_in("/desk/sign-in", password=WRONG) for each in (there, nowhere)]
        bare = [_OWN.sub("", text_of(each)) for each in pages]
        assert re.sub(r"pukul \S+", "", bare[0]) == re.sub(r"pukul \S+", "", bare[1])
        assert pages[0].status_code == pages[1].status_code == 403
        assert {*pages[0].headers} == {*pages[1].headers}
    assert "baru dilihat" in text_of(pages[1])


def test_whether_there_is_such_a_name_changes_nothing_of_the_work(town, monkeypatch):
    with town.works.begin() as work:
        accounts.add(work.connection, "ani", "officer", "jalan", PASSWORD, work.now)
        accounts.add(work.connection, "kota", "auditor", None, None, work.now)
    hashed: list[str] = []
    real = accounts._HASHER.verify
    monkeypatch.setattr(
        accounts, "_HASHER", type("Counting", (), {"verify": lambda _, *a: hashed.append(a[0]) or real(*a)})()
    )
    said: list[str] = []
    event.listen(town.works.database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))

    def work_for(name: str) -> tuple[list[str], Any]:
        said.clear()
        hashed.clear()
        proof = Prover(town.works, KEY, {}).by_password(name, WRONG)
        assert proof.account is None
        return list(said), Counter(each.rpartition("$")[0].rpartition("$")[0] for each in hashed)

    for _ in range(FREE + 2):
        assert work_for("ani") == work_for("nobody") == work_for("kota")
    assert work_for("nobody")[1] == Counter()


def test_names_that_are_not_there_fill_no_table(town, monkeypatch):
    monkeypatch.setattr(tries, "SLOTS", 8)
    with town.works.begin() as work:
        for each in range(200):
            tries.take(work.connection, tries.key_of(None, f"name{each}", None, KEY), work.now)
        assert work.connection.execute(select(func.count()).select_from(table)).scalar_one() <= 8
