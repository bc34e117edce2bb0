"""The operator's accounts, by the command line, and the people who sign in with them, in both forms."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Running
from tests.e2e.system import System
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.support.telephone import Telephone

PAGE = "/desk/account"
OWN = "sepeda kakek biru tua"


@pytest.fixture
def embedded(running: Running) -> System:
    """For what is the same in both forms: each command takes its time."""
    return running("embedded")


def sign_in(system: System, name: str, password: str, reader: Reader | None = None) -> httpx.Response:
    reader = reader or Reader(system.url)
    return reader.post(reader.form(reader.get(PAGE), "/desk/sign-in"), name=name, password=password)


def account(system: System, *arguments: str, given: str = "", **more: Any) -> subprocess.CompletedProcess[str]:
    return system.estafet("account", *arguments, input=given, **more)


def test_an_account_from_its_first_password_to_its_end(system: System) -> None:
    made = account(system, "add", "siti", "officer", "perkim")
    first = made.stdout.split()[0]
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", first)
    assert "not shown again" in made.stderr
    reader = Reader(system.url)
    owed = sign_in(system, "siti", first, reader)
    assert "dibuatkan orang lain" in text_of(owed)
    form = reader.form(owed, f"{PAGE}/password")
    done = reader.post(form, password=first, new_password=OWN, repeated_password=OWN)
    assert "Dinas Perumahan dan Kawasan Permukiman" in text_of(done)
    page = reader.get(f"{PAGE}/factor")
    telephone = Telephone(text_of(page))
    reader.post(reader.form(page, f"{PAGE}/factor"), otp=telephone.code())
    assert "Satu langkah lagi" in text_of(sign_in(system, "siti", OWN))
    account(system, "reset-totp", "siti")
    assert "/desk/sign-in" in str(reader.get(PAGE).url), "whoever had the telephone is signed out"
    for _ in range(6):
        told = sign_in(system, "siti", "tidak benar sama sekali")
    assert "baru dilihat" in text_of(told)
    assert "siti" in account(system, "list").stdout
    assert "siti has done nothing at a desk" in account(system, "log", "Siti").stdout
    account(system, "unlock", "siti")
    assert "siti" in text_of(sign_in(system, "siti", OWN))
    again = account(system, "password", "siti").stdout.split()[0]
    assert sign_in(system, "siti", OWN).status_code == 403
    assert "dibuatkan orang lain" in text_of(sign_in(system, "siti", again))
    account(system, "end", "siti")
    assert sign_in(system, "siti", again).status_code == 403
    logs = system.logs()
    assert not [each for each in (first, again, OWN, "siti", telephone.totp.secret) if each in logs]


def test_a_password_may_be_given_and_there_may_be_none(embedded: System) -> None:
    given = account(embedded, "add", "budi", "auditor", given="tiga ekor kucing\n")
    assert "tiga" not in given.stdout + given.stderr
    assert "dibuatkan orang lain" in text_of(sign_in(embedded, "budi", "tiga ekor kucing"))
    none = account(embedded, "add", "wati@kota.example", "coordinator", "walikota", "--no-password")
    assert none.stdout.strip() == "wati@kota.example can sign in at /desk"
    assert sign_in(embedded, "wati@kota.example", "").status_code == 403


def test_what_cannot_be_is_a_sentence(embedded: System) -> None:
    for arguments, given, says in (
        (("add", "ani", "officer", "perkim"), "password123\n", "a common word"),
        (("unlock", "nobody"), "", "There is no account nobody"),
        (("password", "nobody"), "", "There is no account nobody"),
        (("reset-totp", "nobody"), "", "no telephone set up"),
        (("log", "nobody"), "", "There is no account nobody, nor is it a report's code"),
    ):
        done = account(embedded, *arguments, given=given, check=False)
        assert done.returncode != 0
        assert says in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr
        assert given.strip() == "" or given.strip() not in done.stderr


def test_accounts_to_look_around_with_are_for_the_embedded_form_alone(system: System, form: str) -> None:
    done = account(system, "demo", check=False)
    if form == "deployed":
        assert done.returncode != 0
        assert "for the embedded form alone" in " ".join(done.stderr.split())
        return
    password = re.search(r"password +(\S+)", done.stdout)
    assert password, done.stderr
    for name, says in (("dlhkp", "Petugas"), ("koordinator.kecamatan-kota", "Koordinator"), ("auditor", "Pemeriksa")):
        assert says in text_of(sign_in(system, name, password[1]))
    again = re.search(r"password +(\S+)", account(system, "demo").stdout)
    assert again
    assert sign_in(system, "dlhkp", password[1]).status_code == 403
    assert sign_in(system, "dlhkp", again[1]).is_success
