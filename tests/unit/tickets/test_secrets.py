"""The reporter's secret and the key it is derived with."""

import re
import stat
import threading
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from estafet.settings import from_environment
from services.tickets import secrets


@given(st.binary(min_size=1), st.uuids().map(str))
def test_a_secret_is_read_however_it_is_typed(key, id):
    secret = secrets.derive(key, id)
    assert re.fullmatch(r"([A-Z2-7]{4}-){5}[A-Z2-7]{4}", secret)
    assert secret == secrets.derive(key, id)
    stored = secrets.hashed(secret)
    typed = secret.lower().replace("-", " ").replace("o", "0").replace("i", "1").replace("b", "8")
    assert secrets.matches(secret, stored)
    assert secrets.matches(typed, stored)
    assert secret not in stored


@given(st.uuids().map(str), st.uuids().map(str))
def test_another_report_or_key_has_another_secret(one, other):
    assert secrets.derive(b"a", one) != secrets.derive(b"b", one)
    assert (secrets.derive(b"a", one) == secrets.derive(b"a", other)) == (one == other)
    assert not secrets.matches("", secrets.hashed(secrets.derive(b"a", one)))


def test_a_key_is_made_once_and_for_the_owner_alone(tmp_path):
    settings = replace(from_environment({}), data=tmp_path / "data", secret_key=None)
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(secrets.server_key(settings))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(keys)) == 1
    assert len(keys) == 8
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600


def test_a_given_key_is_taken(tmp_path):
    settings = replace(from_environment({}), data=tmp_path / "data", secret_key="from the settings")
    assert secrets.server_key(settings) == b"from the settings"
    assert not (tmp_path / "data").exists()
