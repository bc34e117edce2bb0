"""The account page: a password of one's own, the sessions one has, and nothing lost when one of them ends."""

from __future__ import annotations

import json

import pytest

from services.tickets.signin import accounts
from services.tickets.signin.tables import sessions
from tests.integration.tickets.conftest import running
from tests.integration.tickets.pages.desk.officer import PASSWORD, Officer
from tests.integration.tickets.pages.reader import Reader, text_of

PAGE = "/desk/account"
NEW = "sepeda kakek biru tua"


def changing(officer, page=None, **filled):
    form = officer.form(page or officer.get(f"{PAGE}/password"), f"{PAGE}/password")
    given = {"password": PASSWORD, "new_password": NEW, "repeated_password": NEW, **filled}
    return officer.post(form, **given)


@pytest.mark.parametrize("whose", ["jalan", "coordinator:utara", "auditor"])
def test_it_says_who_i_am(served, whose):
    officer = Officer(served, whose)
    page = text_of(officer.sign_in(PAGE))
    assert officer.name in page
    role = {"jalan": "Petugas, Jalan", "coordinator:utara": "Koordinator, Utara", "auditor": "Pemeriksa"}[whose]
    assert role in page
    assert "peramban ini" in page
    english = text_of(officer.get(f"{PAGE}?lang=en"))
    assert "this browser" in english
    assert "Your account" in english


def test_another_password_ends_the_sessions_elsewhere_and_not_this_one(served):
    officer = Officer(served, "taman")
    other = officer.again()
    for each in (officer, other):
        assert each.sign_in(PAGE).is_success
    done = changing(officer)
    assert "sudah diganti" in text_of(done)
    assert "/desk/sign-in" in str(other.get(PAGE).url)
    assert other.sign_in(PAGE).status_code == 403
    assert other.sign_in(PAGE, password=NEW).is_success
    changing(other, password=NEW, new_password=PASSWORD, repeated_password=PASSWORD)


@pytest.mark.parametrize(
    ("filled", "says"),
    [
        ({"password": "tidak benar sama sekali"}, "sekarang keliru"),
        ({"repeated_password": "lain sama sekali"}, "tidak sama"),
        ({"new_password": PASSWORD, "repeated_password": PASSWORD}, "sama dengan yang lama"),
        ({"new_password": "pendek", "repeated_password": "pendek"}, "10 sampai 200"),
        ({"new_password": "officer.hulu1", "repeated_password": "officer.hulu1"}, "mudah ditebak"),
        ({"new_password": "", "repeated_password": "", "password": ""}, "sama dengan yang lama"),
    ],
)
def test_what_cannot_be_a_password_is_said_and_nothing_changes(served, filled, says):
    officer = Officer(served, "hulu")
    officer.sign_in(PAGE)
    answer = changing(officer, **filled)
    assert answer.status_code in (403, 422)
    assert says in text_of(answer)
    assert NEW not in answer.text
    assert officer.again().sign_in(PAGE).is_success


def test_guessing_the_old_password_at_an_open_desk_is_counted_as_well(served):
    officer = Officer(served, "hilir")
    officer.sign_in(PAGE)
    told = [text_of(changing(officer, password=f"salah sama sekali {each}")) for each in range(6)]
    assert "sekarang keliru" in told[4]
    assert "baru dilihat" in told[5]
    assert "baru dilihat" in text_of(changing(officer))
    with served.town.works.begin() as work:
        assert accounts.unlock(work.connection, officer.name)


def test_who_has_a_password_of_somebody_elses_making_takes_one_of_their_own_first(served):
    officer = Officer(served, "loket")
    with served.town.works.begin() as work:
        assert accounts.set_password(work.connection, officer.name, PASSWORD, must_change=True)
    owed = officer.sign_in("/desk/account?lang=id")
    assert "dibuatkan orang lain" in text_of(owed)
    assert officer.get(PAGE).status_code == 403
    assert "dibuatkan orang lain" in text_of(officer.get(f"{PAGE}/factor"))
    done = changing(officer, owed)
    assert str(done.url).endswith("/desk/account?lang=id")
    assert officer.get(PAGE).is_success


def test_other_sessions_are_listed_and_ended(served):
    officer = Officer(served, "utara")
    others = [officer.again() for _ in range(2)]
    for each in (officer, *others):
        each.sign_in(PAGE)
    page = officer.get(PAGE)
    assert page.text.count("<li>") >= 3
    done = officer.post(officer.form(page, f"{PAGE}/others"))
    assert "sudah diakhiri" in text_of(done)
    assert f'action="{PAGE}/others"' not in done.text
    assert all("/desk/sign-in" in str(each.get(PAGE).url) for each in others)


def test_who_signs_in_again_in_a_browser_has_one_session_in_it(served):
    officer = Officer(served, "coordinator:bupati")
    for _ in range(3):
        page = officer.get("/desk/sign-in")
        assert officer.post(officer.form(page, "/desk/sign-in"), name=officer.name, password=PASSWORD).status_code < 500
    assert officer.get(PAGE).text.count("peramban ini") == 1
    assert f'action="{PAGE}/others"' not in officer.get(PAGE).text


def ended(served):
    with served.town.works.begin() as work:
        work.connection.execute(sessions.delete())


def test_a_session_that_ends_in_the_middle_of_setting_up_loses_no_key(served):
    officer = Officer(served, "coordinator:asisten")
    officer.sign_in(PAGE)
    page = officer.get(f"{PAGE}/factor")
    form = officer.form(page, f"{PAGE}/factor")
    ended(served)
    asked = officer.post(form, otp="123456")
    assert asked.status_code == 403
    assert "sudah berakhir" in text_of(asked)
    assert "123456" not in asked.text
    again = officer.post(officer.form(asked, "/desk/sign-in"), name=officer.name, password=PASSWORD)
    assert "Belum terkirim" in text_of(again)
    back = officer.post(officer.form(again, f"{PAGE}/factor"))
    secret = page.text.partition('class="secret">')[2].partition("<")[0]
    assert len(secret) == 39
    assert secret in back.text


def test_a_form_without_fields_is_shown_again_too(served):
    officer = Officer(served, "coordinator:utara")
    page = officer.sign_in(PAGE)
    form = officer.form(officer.get(PAGE), "/desk/leave")
    form.action = f"{PAGE}/others"
    ended(served)
    asked = officer.post(form)
    again = officer.post(officer.form(asked, "/desk/sign-in"), name=officer.name, password=PASSWORD)
    assert "Belum terkirim" in text_of(again)
    assert "sudah diakhiri" in text_of(officer.post(officer.form(again, f"{PAGE}/others")))
    assert page.is_success


def test_a_form_goes_through_every_step_of_coming_in(served):
    """Signed out in the middle of it, with a second factor, and with a password that somebody else had to make."""
    officer = Officer(served, "taman")
    officer.sign_in(PAGE)
    telephone, _ = officer.set_up()
    form = officer.form(officer.get(PAGE), f"{PAGE}/factor/off")
    form.fields["text"] = "Sudah ditulis."
    form.action = f"{PAGE}/others"
    with served.town.works.begin() as work:
        assert accounts.set_password(work.connection, officer.name, PASSWORD, must_change=True)
    asked = officer.post(form)
    code = officer.post(officer.form(asked, "/desk/sign-in"), name=officer.name, password=PASSWORD)
    owed = officer.post(officer.form(code, "/desk/sign-in/code"), otp=telephone.code(1))
    again = changing(officer, owed)
    assert "Sudah ditulis." in text_of(again)
    assert "sudah diakhiri" in text_of(officer.post(officer.form(again, f"{PAGE}/others")))


def test_a_form_goes_on_after_a_sign_in_in_another_tab(served):
    officer = Officer(served, "jalan")
    officer.sign_in(PAGE)
    form = officer.form(officer.get(PAGE), "/desk/leave")
    form.action, form.fields["text"] = f"{PAGE}/others", "Sudah ditulis."
    ended(served)
    asked = officer.post(form)
    go_on = officer.form(asked, "/desk/sign-in")
    go_on.action = "/desk/sign-in/again"
    nobody = officer.post(go_on)
    assert nobody.status_code == 403
    assert "Belum ada yang masuk" in text_of(nobody)
    assert "Sudah ditulis." in nobody.text
    officer.sign_in(PAGE)
    assert "Sudah ditulis." in text_of(officer.post(go_on))


def test_whichever_replica_answers_knows_the_session(served, tmp_path):
    officer = Officer(served, "hulu")
    officer.sign_in(PAGE)
    telephone, _ = officer.set_up()
    url = served.town.works.database.engine.url.render_as_string(hide_password=False)
    with running(url, tmp_path, ESTAFET_DATA=str(served.log.parent)) as client:
        other = officer.again()
        half = other.sign_in(PAGE)
        # The second step, and all after it, at another replica than the first.
        there = Reader(str(client.base_url))
        there.http.cookies = other.http.cookies
        form = other.form(half, "/desk/sign-in/code")
        assert officer.name in text_of(there.post(form, otp=telephone.code(1)))
        assert other.get(PAGE).is_success


def test_nothing_that_was_typed_or_kept_is_logged_and_outcomes_are_counted(served):
    before = counted(served)
    officer = Officer(served, "auditor")
    secret = "jangan sampai tercatat 77"
    officer.sign_in(PAGE, password=secret)
    officer.name, name = "tidak.ada.di.sini", officer.name
    officer.sign_in(PAGE, password=secret)
    officer.name = name
    officer.sign_in(PAGE)
    telephone, codes = officer.set_up()
    other = officer.again()
    code = telephone.code(1)
    half = other.form(other.sign_in(PAGE), "/desk/sign-in/code")
    other.post(half, otp="000000")
    other.post(half, otp=code)
    now = counted(served)
    assert {each: now[each] - before.get(each, 0) for each in now if now[each] != before.get(each, 0)} == {
        "wrong-password": 2,
        "wrong-code": 1,
        "signed-in": 2,
    }
    log = served.log.read_text()
    kept = [value for each in (officer, other) for value in each.http.cookies.values() if len(value) > 8]
    told = [secret, PASSWORD, "tidak.ada.di.sini", telephone.totp.secret, *codes, half.fields["half"], *kept]
    assert [each for each in told if each in log] == []
    lines = [json.loads(each) for each in log.splitlines() if '"sign-in"' in each]
    with served.town.works.database.read() as connection:
        found = accounts.find(connection, name)
    assert found is not None
    mine = [each["outcome"] for each in lines if each["account"] == found[0].id]
    assert mine[-4:] == ["wrong-password", "signed-in", "wrong-code", "signed-in"]
    assert name not in json.dumps(lines)


def counted(served):
    lines = served.http.get("/metrics").text.splitlines()
    found = [each for each in lines if each.startswith("estafet_signins_total{")]
    return {each.partition('outcome="')[2].partition('"')[0]: float(each.rpartition(" ")[2]) for each in found}
