"""Signing in with the city's own account, at a certified provider's real implementation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from estafet.settings import SettingError, from_environment
from services.tickets.signin import accounts
from tests.bed.process import free_port
from tests.integration.tickets.conftest import serving
from tests.integration.tickets.pages.desk.city_accounts import CLIENT, CityAccounts, city_accounts, sign_in_there
from tests.integration.tickets.pages.desk.officer import PASSWORD
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.integration.tickets.served import Served
from tests.support.telephone import Telephone

CITY = "/desk/sign-in/city"
PAGE = "/desk/account"


@dataclass
class Place:
    served: Served
    provider: CityAccounts

    def account(self, name: str, password: str | None = None) -> None:
        with self.served.town.works.begin() as work:
            if accounts.find(work.connection, name) is None:
                accounts.add(work.connection, name, "officer", "jalan", password, work.now)


def serve(folder: Path, provider: CityAccounts, algorithm: str) -> Iterator[Place]:
    address = f"127.0.0.1:{free_port()}"
    url = f"sqlite:///{folder / 'tickets.sqlite'}"
    settings = {**provider.settings, "ESTAFET_HTTP_ADDRESS": address, "ESTAFET_PUBLIC_URL": f"http://{address}"}
    provider.start(f"http://{address}", algorithm)
    with serving(url, folder, **settings) as served:
        yield Place(served, provider)


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("city")
    with city_accounts(folder) as provider:
        yield from serve(folder, provider, request.param)


class Citizen(Reader):
    """Somebody of the city's staff; ``there`` is the same browser at the provider."""

    def __init__(self, place: Place) -> None:
        super().__init__(str(place.served.http.base_url))
        self.there = httpx.Client(timeout=20)

    def leave_for(self, goal: str = PAGE) -> str:
        answer = self.http.get(CITY, params={"next": goal})
        assert answer.status_code == 303
        return str(answer.headers["location"])

    def sign_in(self, who: str, goal: str = PAGE) -> httpx.Response:
        return self.get(sign_in_there(self.there, self.leave_for(goal), who))


def test_the_button_leads_there_and_back_to_where_one_wanted_to_go(place):
    place.account("ani@kota.example")
    citizen = Citizen(place)
    page = citizen.get(f"{PAGE}?lang=en")
    assert "Masuk dengan akun kota" in text_of(page)
    assert f'href="{CITY}?next=/desk/account' in page.text
    done = citizen.sign_in("ani", f"{PAGE}?lang=en")
    assert "ani@kota.example" in text_of(done)
    assert str(done.url).endswith(f"{PAGE}?lang=en")
    assert "Its password is changed there" in text_of(done)


def test_it_is_asked_for_with_pkce_state_and_nonce_and_the_secret_stays_here(place):
    asked = parse_qs(urlsplit(Citizen(place).leave_for()).query)
    again = parse_qs(urlsplit(Citizen(place).leave_for()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    for each in ("state", "nonce", "code_challenge"):
        assert len(asked[each][0]) >= 43
        assert asked[each] != again[each]
    assert CLIENT["secret"] not in str(asked)


def test_who_has_no_account_here_gets_none(place):
    answer = Citizen(place).sign_in("stranger")
    assert answer.status_code == 403
    assert "belum terdaftar" in text_of(answer)
    with place.served.town.works.database.read() as connection:
        assert accounts.find(connection, "stranger@kota.example") is None


def test_an_address_that_nobody_verified_is_nobodys(place):
    place.account("budi@kota.example")
    answer = Citizen(place).sign_in("budi")
    assert answer.status_code == 403
    assert "tidak bisa diperiksa" in text_of(answer)


def test_an_account_that_ended_stays_out(place):
    place.account("ani@kota.example")
    with place.served.town.works.begin() as work:
        accounts.end(work.connection, "ani@kota.example", work.now)
    try:
        assert Citizen(place).sign_in("ani").status_code == 403
    finally:
        with place.served.town.works.begin() as work:
            work.connection.exec_driver_sql("update accounts set ended_at = null")


def test_the_second_factor_is_asked_for_on_this_way_too(place):
    place.account("ani@kota.example")
    citizen = Citizen(place)
    citizen.sign_in("ani")
    page = citizen.get(f"{PAGE}/factor")
    telephone = Telephone(text_of(page))
    citizen.post(citizen.form(page, f"{PAGE}/factor"), otp=telephone.code())
    other = Citizen(place)
    step = other.sign_in("ani")
    assert "Satu langkah lagi" in text_of(step)
    assert "estafet_seat" not in other.http.cookies
    done = other.post(other.form(step, "/desk/sign-in/code"), otp=telephone.code(1))
    assert "ani@kota.example" in text_of(done)
    with place.served.town.works.begin() as work:
        work.connection.exec_driver_sql("update accounts set factor = null")


@pytest.mark.parametrize("changed", ["state", "code", "iss", "browser", "twice", "refused"])
def test_what_does_not_fit_together_proves_nobody(place, changed):
    place.account("ani@kota.example")
    citizen = Citizen(place)
    back = httpx.URL(sign_in_there(citizen.there, citizen.leave_for(), "ani"))
    if changed in ("state", "code", "iss"):
        back = back.copy_set_param(changed, "https://elsewhere.example")
    elif changed == "browser":
        citizen = Citizen(place)
        citizen.leave_for()  # an errand of its own, to which another's code does not fit
    elif changed == "twice":
        assert citizen.get(str(back)).is_success
        citizen.http.cookies.delete("estafet_seat")
    else:
        back = back.copy_remove_param("code").copy_set_param("error", "access_denied")
    answer = citizen.get(str(back))
    assert answer.status_code == 403
    assert "estafet_seat" not in citizen.http.cookies
    code = httpx.URL(str(back)).params.get("code", "-")
    log = place.served.log.read_text()
    assert code == "-" or code not in log
    assert CLIENT["secret"] not in log
    assert "ani@kota" not in log.lower()


def test_an_account_for_the_citys_provider_opens_with_no_password(place):
    place.account("ani@kota.example")
    citizen = Citizen(place)
    page = citizen.get("/desk/sign-in")
    for password in (PASSWORD, "nobody's"):
        form = citizen.form(page, "/desk/sign-in")
        assert citizen.post(form, name="ani@kota.example", password=password).status_code == 403


def test_a_provider_that_is_away_or_has_new_keys_stops_nobody_for_long(tmp_path):
    with city_accounts(tmp_path, claim="preferred_username") as provider:
        for place in serve(tmp_path, provider, "RS256"):
            place.account("ani.wati", PASSWORD)
            citizen = Citizen(place)
            assert "ani.wati" in text_of(citizen.sign_in("ani"))
            public_url = str(place.served.http.base_url).rstrip("/")
            back = sign_in_there(citizen.there, citizen.leave_for(), "ani")
            provider.stop()
            away = citizen.get(back)
            assert away.status_code == 403
            assert "masuk dengan kata sandi" in text_of(away)
            assert "tokens" not in text_of(away)
            page = citizen.get("/desk/sign-in")
            form = citizen.form(page, "/desk/sign-in")
            assert citizen.post(form, name="ani.wati", password=PASSWORD).status_code != 403
            provider.start(public_url)
            assert "ani.wati" in text_of(Citizen(place).sign_in("ani"))


def test_where_the_city_has_none_there_is_no_button_and_no_way(served):
    reader = Reader(str(served.http.base_url))
    assert CITY not in reader.get("/desk/sign-in").text
    assert reader.get(CITY).status_code == 404
    assert reader.get(f"{CITY}/back?code=a&state=b").status_code == 404


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ESTAFET_OIDC_CLIENT_SECRET": ""}, "ESTAFET_OIDC_CLIENT_SECRET is missing"),
        ({"ESTAFET_OIDC_ISSUER": "http://masuk.kota.example"}, "must begin with https://"),
        ({"ESTAFET_OIDC_ISSUER": "masuk.kota.example"}, "must begin with https://"),
        ({"ESTAFET_OIDC_CLAIM": "sub"}, "must be one of email, preferred_username"),
    ],
)
def test_settings_that_cannot_be_used_are_said(changed, says):
    good = {
        "ESTAFET_OIDC_ISSUER": "https://masuk.kota.example/realm",
        "ESTAFET_OIDC_CLIENT_ID": "estafet",
        "ESTAFET_OIDC_CLIENT_SECRET": "rahasia",
    }
    found = from_environment(good).openid
    assert found is not None
    assert found.claim == "email"
    assert "rahasia" not in repr(from_environment(good))
    with pytest.raises(SettingError, match=says):
        from_environment({**good, **changed})
