"""The second factor: set up on the account page, asked for at each sign-in, reset by the operator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from estafet.settings import SettingError, from_environment
from services.tickets.signin import accounts, factor
from services.tickets.signin.lockout import FREE
from services.tickets.signin.tables import accounts as table
from tests.integration.tickets.conftest import serving
from tests.integration.tickets.pages.desk.officer import PASSWORD, Officer
from tests.integration.tickets.pages.reader import text_of
from tests.integration.tickets.town import KEY

CODE = "/desk/sign-in/code"


def test_a_telephone_is_set_up_by_its_first_code_and_asked_for_from_then_on(served):
    officer = Officer(served, "loket")
    assert "Belum terpasang" in text_of(officer.sign_in("/desk/account"))
    page = officer.get("/desk/account/factor")
    assert 'class="qr"' in page.text
    wrong = officer.post(officer.form(page, "/desk/account/factor"), otp="000000")
    assert wrong.status_code == 403
    assert "keliru" in text_of(wrong)
    telephone, codes = officer.set_up()
    assert "cadangan yang tersisa: 10" in text_of(officer.get("/desk/account"))
    other = officer.again()
    step = other.sign_in("/desk/account")
    assert "Satu langkah lagi" in text_of(step)
    assert "estafet_seat" not in other.http.cookies
    refused = other.post(other.form(step, CODE), otp="000000")
    assert refused.status_code == 403
    assert "estafet_seat" not in other.http.cookies
    done = other.post(other.form(refused, CODE), otp=telephone.code(1))
    assert officer.name in text_of(done)
    # The same code once more, and a recovery code twice.
    third = officer.again()
    step = third.sign_in("/desk/account")
    assert third.post(third.form(step, CODE), otp=telephone.code(1)).status_code == 403
    assert "tersisa: 9" in text_of(third.post(third.form(step, CODE), recovery=codes[3].lower().replace("-", " ")))
    fourth = officer.again()
    step = fourth.sign_in("/desk/account")
    assert fourth.post(fourth.form(step, CODE), recovery=codes[3]).status_code == 403


def test_the_first_step_alone_opens_nothing_and_another_browser_cannot_go_on_with_it(served):
    officer = Officer(served, "coordinator:asisten")
    officer.sign_in("/desk/account")
    telephone, _ = officer.set_up()
    other, thief = officer.again(), officer.again()
    step = other.sign_in("/desk/account")
    form = other.form(step, CODE)
    stolen = thief.form(thief.get("/desk/sign-in"), "/desk/sign-in")
    stolen.action = CODE
    answer = thief.post(stolen, half=form.fields["half"], otp=telephone.code(1))
    assert answer.status_code == 403
    assert "Terlalu lama" in text_of(answer)
    assert "/desk/sign-in" in str(other.get("/desk/account").url)
    assert other.post(form, otp=telephone.code(1)).is_success


def test_codes_cannot_be_tried_through(served):
    officer = Officer(served, "coordinator:bupati")
    officer.sign_in("/desk/account")
    telephone, codes = officer.set_up()
    guesser = officer.again()
    step = guesser.sign_in("/desk/account")
    told = [text_of(guesser.post(guesser.form(step, CODE), otp=f"{each:06}")) for each in range(FREE)]
    assert "baru dilihat" in told[-1]
    for right in ({"otp": telephone.code(1)}, {"recovery": codes[0]}):
        assert "baru dilihat" in text_of(guesser.post(guesser.form(step, CODE), **right))
    assert "estafet_seat" not in guesser.http.cookies


def test_a_code_opens_once_of_all_who_try_it_at_the_same_time(town):
    with town.works.begin() as work:
        id = accounts.add(work.connection, "ani", "officer", "jalan", PASSWORD, work.now).id
        secret = factor.new_secret()
        codes = factor.set_up(work.connection, KEY, id, secret, step=0)
        assert secret not in work.connection.execute(select(table.c.factor)).scalar_one()
    otp = pyotp.TOTP(secret).at(town.clock.now())

    def one(code: str) -> bool:
        with town.works.begin() as work:
            return factor.prove(work.connection, KEY, id, code, work.now)

    for code in (otp, codes[0]):
        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(one, [code] * 12)) == [False] * 11 + [True]
    town.clock.time -= timedelta(seconds=30)
    assert not one(pyotp.TOTP(secret).at(town.clock.now())), "an earlier one after a later one"
    with town.works.begin() as work:
        assert not factor.prove(work.connection, b"another key", id, otp, work.now)
        assert factor.prove(work.connection, b"another key", id, codes[1], work.now), "recovery codes need no key"
        assert factor.codes_left(work.connection, id) == 8
        assert factor.reset(work.connection, "ani")
        assert not factor.prove(work.connection, KEY, id, codes[2], work.now)
        assert not factor.reset(work.connection, "ani")
        assert not factor.reset(work.connection, "nobody")


def test_it_is_taken_off_with_a_code_and_set_up_anew_with_another_key(served):
    officer = Officer(served, "utara")
    officer.sign_in("/desk/account")
    telephone, codes = officer.set_up()
    page = officer.get("/desk/account")
    assert officer.post(officer.form(page, "/desk/account/factor/off"), otp="000000").status_code == 403
    assert "tidak diminta lagi" in text_of(officer.post(officer.form(page, "/desk/account/factor/off"), otp=codes[0]))
    again, _ = officer.set_up()
    assert again.totp.secret != telephone.totp.secret


def test_a_role_that_needs_one_sets_it_up_at_the_next_sign_in(tmp_path):
    url = f"sqlite:///{tmp_path / 'tickets.sqlite'}"
    with serving(url, tmp_path, ESTAFET_DESK_SECOND_FACTOR="coordinator, auditor") as served:
        assert "Petugas" in text_of(Officer(served, "jalan").sign_in("/desk/account"))
        officer = Officer(served, "coordinator:asisten")
        owed = officer.sign_in("/desk/account")
        assert "Peran Anda memerlukan kode" in text_of(owed)
        # Nothing else is open until then: neither a page nor an act.
        assert officer.get("/desk/account").status_code == 403
        form = officer.form(owed, "/desk/account/factor")
        form.action = "/desk/account/others"
        assert officer.post(form).status_code == 403
        officer.set_up()
        page = officer.get("/desk/account")
        assert page.is_success
        assert "/desk/account/factor/off" not in page.text
        form.action = "/desk/account/factor/off"
        assert officer.post(form, follow=False, otp="000000").status_code == 303


@pytest.mark.parametrize("wrong", ["officers", "officer;auditor", "app"])
def test_a_role_there_is_not_is_refused_at_the_start(wrong):
    with pytest.raises(SettingError, match="ESTAFET_DESK_SECOND_FACTOR must be roles"):
        from_environment({"ESTAFET_DESK_SECOND_FACTOR": wrong})
