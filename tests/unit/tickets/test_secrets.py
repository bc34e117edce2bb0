"""The reporter's secret and the key it is derived with."""

import hashlib
import hmac
import re
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event

from estafet.secretkey import server_key
from estafet.settings import from_environment
from services.tickets import tables
from services.tickets.access import tokens
from services.tickets.reporters import secrets


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
    threads = [threading.Thread(target=lambda: keys.append(server_key(settings))) for _ in range(8)]
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
    assert server_key(settings) == b"from the settings"
    assert not (tmp_path / "data").exists()


@given(st.text(max_size=60), st.sampled_from(["right", "wrong"]))
def test_secrets_are_compared_in_constant_time(typed, which):
    """As digests of one length, by the function made for it: its time says nothing of how much was right."""
    stored = secrets.hashed(typed if which == "right" else typed + "X")
    with mock.patch.object(secrets.hmac, "compare_digest", wraps=hmac.compare_digest) as compare:
        assert secrets.matches(typed, stored) == (which == "right")
    (((left, right), _),) = compare.call_args_list
    assert len(left) == len(right) == 64


@given(st.text(max_size=60))
def test_a_token_is_looked_up_by_its_digest_alone(text):
    """So how long the look-up takes depends on what nobody can steer."""
    engine = create_engine("sqlite://")
    tables.tokens.create(engine)
    asked = []
    event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, values, *_: asked.append((sql, values)))
    with engine.connect() as connection:
        assert tokens.find(connection, text, datetime.now(UTC)) is None
    ((_, values),) = asked
    assert hashlib.sha256(text.encode()).hexdigest() in values
    assert not text or text not in values
