"""The city's own accounts: signing in at an OpenID provider (authorization code with PKCE, state and nonce)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from estafet.settings import OpenId

#: Seconds.
_PATIENCE = httpx.Timeout(10, connect=3)
_DISCOVERED = 3600
#: Seconds that clocks may differ by.
_LEEWAY = 60
_ALGORITHMS = ["RS256", "ES256"]
_MOST = 2**18


class Unproven(Exception):
    """The provider cannot be reached, or what it said proves nobody. The text is for the log, and names no person."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Somebody is sent to the provider: what has to be the same when they come back."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """Safe to share between workers: what it keeps is only what the provider says of itself."""

    def __init__(self, settings: OpenId, back: str, tls: ssl.SSLContext | None = None) -> None:
        """``back``: where the provider sends people to."""
        self._settings = settings
        self._back = back
        # No proxy is used and no redirect followed: the secret goes to the provider alone.
        self._http = httpx.Client(timeout=_PATIENCE, verify=tls or ssl.create_default_context(), trust_env=False)
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def send(self) -> tuple[str, Errand]:
        """Where to send somebody, and what to remember of it.

        Raises:
            Unproven
        """
        errand = Errand(*(secrets.token_urlsafe(32) for _ in range(3)))
        digest = hashlib.sha256(errand.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._back,
            "scope": "openid email" if self._settings.claim == "email" else "openid profile",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        place = self._discovered("authorization_endpoint")
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}", errand

    def name_of(self, errand: Errand, state: str, code: str, issuer: str | None) -> str:
        """Who came back, as accounts are named.

        Args:
            state, code, issuer: what the address says that they came back by; an issuer need not be said (RFC 9207).

        Raises:
            Unproven
        """
        if not secrets.compare_digest(state.encode("utf-8", "replace"), errand.state.encode()):
            raise Unproven("another state")
        if issuer not in (None, self._settings.issuer):
            raise Unproven("another issuer")
        tokens = self._exchange(code, errand.verifier)
        claims = self._claims(str(tokens.get("id_token")), errand.nonce)
        name = self._named(claims)
        if name is None:
            told = self._json("GET", "userinfo_endpoint", headers={"Authorization": f"Bearer {tokens['access_token']}"})
            name = self._named(told) if told.get("sub") == claims["sub"] else None
        if name is None:
            raise Unproven(f"no {self._settings.claim} that is verified")
        return name.lower()

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier}
        id, secret = self._settings.client_id, self._settings.client_secret
        if "client_secret_basic" in self._known().get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            by: dict[str, Any] = {"auth": (quote(id, safe=""), quote(secret, safe=""))}
        else:
            by, form = {}, {**form, "client_id": id, "client_secret": secret}
        tokens = self._json("POST", "token_endpoint", data=form, **by)
        if not (isinstance(tokens.get("id_token"), str) and isinstance(tokens.get("access_token"), str)):
            raise Unproven("no tokens")
        return tokens

    def _claims(self, text: str, nonce: str) -> dict[str, Any]:
        id = self._settings.client_id
        rules = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
            azp={"value": id},
        )
        try:
            claims = self._verified(text).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise Unproven(f"the ID token: {type(error).__name__}") from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
            raise Unproven("the ID token: for several")
        return claims

    def _verified(self, text: str) -> jwt.Token:
        try:
            return jwt.decode(text, self._keyset(_DISCOVERED), algorithms=_ALGORITHMS)
        except InvalidKeyIdError:  # the provider, which gave us this, has new ones
            return jwt.decode(text, self._keyset(0), algorithms=_ALGORITHMS)

    def _named(self, claims: dict[str, Any]) -> str | None:
        """As it was said there. Accounts' names are ASCII; of other letters some become those of somebody else's name
        when they are made small, as U+212A becomes a k.
        """
        if self._settings.claim == "email" and claims.get("email_verified") is not True:
            return None
        name = claims.get(self._settings.claim)
        return name if isinstance(name, str) and name.isascii() and name else None

    def _keyset(self, age: float) -> KeySet:
        if self._keys is None or time.monotonic() - self._keys[0] > age:
            try:
                keys = KeySet.import_key_set(self._json("GET", "jwks_uri"))  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise Unproven("its keys cannot be read") from error
            self._keys = (time.monotonic(), keys)
        return self._keys[1]

    def _discovered(self, what: str) -> str:
        place = self._known().get(what)
        if not isinstance(place, str) or not place.startswith(("https://", f"{self._settings.issuer.rstrip('/')}/")):
            raise Unproven(f"no {what} that is safe")
        return place

    def _known(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery)."""
        if self._metadata is None or time.monotonic() - self._metadata[0] > _DISCOVERED:
            place = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = self._ask("GET", place)
            if found.get("issuer") != self._settings.issuer:
                raise Unproven("discovery names another issuer")
            self._metadata = (time.monotonic(), found)
        return self._metadata[1]

    def _json(self, method: str, what: str, **request: Any) -> dict[str, Any]:
        return self._ask(method, self._discovered(what), what, **request)

    def _ask(self, method: str, place: str, what: str = "discovery", **request: Any) -> dict[str, Any]:
        try:
            with self._http.stream(method, place, **request) as answer:
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _MOST:
                        raise Unproven(f"{what} says too much")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unproven(f"{what}: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.OK:
            raise Unproven(f"{what} answers {answer.status_code}")
        return _document(body, what)


def _document(body: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Unproven(f"{what} is not JSON") from error
    if not isinstance(found, dict):
        raise Unproven(f"{what} is not an object")
    return found
