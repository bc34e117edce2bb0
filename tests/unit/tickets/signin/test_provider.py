"""ID tokens that prove nobody: each is right but for one thing."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from estafet.settings import OpenId
from services.tickets.signin.provider import Errand, Provider, Unproven

ISSUER, CLIENT, NONCE = "https://masuk.kota.example", "estafet", "the nonce"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "alg": "RS256", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "alg": "ES256", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa", "alg": "RS256", "use": "sig"})


@pytest.fixture(scope="module")
def provider() -> Provider:
    provider = Provider(OpenId(ISSUER, CLIENT, "secret", "email"), "https://lapor.kota.example/back")
    public = KeySet.import_key_set(KeySet([RSA, EC]).as_dict(private=False))
    provider._keys = (time.monotonic(), public)
    return provider


def claims(**changed: Any) -> dict[str, Any]:
    """Those of a right one, some changed; ``exp`` and ``iat`` in seconds from now, None: left out."""
    now = int(time.time())
    changed |= {name: now + changed[name] for name in ("exp", "iat") if changed.get(name) is not None}
    right = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "exp": now + 60, "iat": now, "nonce": NONCE, "email": "a@kota"}
    return {name: value for name, value in {**right, **changed}.items() if value is not None}


def signed(key: Any = RSA, algorithm: str = "RS256", kid: str = "rsa", **changed: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": kid}, claims(**changed), key)


@pytest.mark.parametrize("key", [RSA, EC])
def test_a_right_one_is_read(provider: Provider, key: Any) -> None:
    found = provider._claims(signed(key, key.get("alg"), key.kid), NONCE)
    assert found["sub"] == "1"
    several = signed(aud=[CLIENT, "another"], azp=CLIENT)
    assert provider._claims(several, NONCE)["aud"] == [CLIENT, "another"]


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"aud": None},
        {"exp": -120},
        {"exp": None},
        {"iat": 3600},
        {"iat": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
    ],
    ids=str,
)
def test_with_one_wrong_claim_it_is_not(provider: Provider, changed: dict[str, Any]) -> None:
    with pytest.raises(Unproven, match="the ID token"):
        provider._claims(signed(**changed), NONCE)


def test_with_another_signature_it_is_not(provider: Provider) -> None:
    unsigned = f"eyJhbGciOiJub25lIn0.{signed().split('.')[1]}."
    begun = f"{_part({'alg': 'HS256', 'kid': 'rsa'})}.{signed().split('.')[1]}"
    shared = f"{begun}.{_text(hmac.digest(RSA.as_pem(private=False), begun.encode(), 'sha256'))}"
    head, body, signature = signed().split(".")
    other_claims = signed(sub="2").split(".")[1]
    for text in (signed(OTHER), unsigned, shared, f"{head}.{other_claims}.{signature}", f"{head}.{body}", "", "a.b.c"):
        with pytest.raises(Unproven, match="the ID token"):
            provider._claims(text, NONCE)


def _part(value: object) -> str:
    return _text(json.dumps(value).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"email": "a@kota", "email_verified": True}, "a@kota"),
        ({"email": "a@kota"}, None),
        ({"email": "a@kota", "email_verified": "true"}, None),
        ({"email_verified": True}, None),
        ({"email": ["a@kota"], "email_verified": True}, None),
        ({"email": "\N{KELVIN SIGN}adis@kota", "email_verified": True}, None),
    ],
)
def test_only_a_verified_address_names_somebody(provider: Provider, told: dict[str, Any], name: str | None) -> None:
    assert provider._named(told) == name


def test_nobody_becomes_somebody_else_by_letters_or_space(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """In small letters the first of those below is ``kadis``, and so is `` kadis`` without its space."""

    def named(username: str) -> str:
        by_name = Provider(OpenId(ISSUER, CLIENT, "secret", "preferred_username"), "https://lapor.kota.example/back")
        by_name._keys = provider._keys
        monkeypatch.setattr(by_name, "_exchange", lambda code, verifier: {"id_token": code, "access_token": "-"})
        monkeypatch.setattr(by_name, "_json", lambda *asked, **more: {"sub": "1", "preferred_username": username})
        return by_name.name_of(Errand("state", NONCE, "-"), "state", signed(preferred_username=username), ISSUER)

    assert named("Kadis") == "kadis"
    assert named(" kadis") != "kadis"
    with pytest.raises(Unproven, match="no preferred_username"):
        named("\N{KELVIN SIGN}adis")
