"""How often one may ask: counted by token, or by the account of a session, and by network address for whoever shows
neither, or none that is known to be good.

The windows are those of the package `limits`, in the memory of this process: each replica counts for itself.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.wrappers import Request

from estafet.settings import SettingError, Settings
from estafet.web.problems import Problem

#: Addresses are counted in so many windows, each in one chosen by a hash that nobody outside can foretell. So memory is
#: bounded however many addresses there are, none of them is kept, and whom one shares a window with is chance.
WINDOWS = 2**14
#: Bits of an IPv6 address that tell one customer from another; who has them has all the addresses below.
_CUSTOMER = 64
#: Tokens and sessions that are remembered as good. One forgotten counts for its address once, and is known again.
_REMEMBERED = 2**14


class Rates:
    """The limits of one server."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingError: a limit cannot be read."""
        self._by_address = read("ESTAFET_LIMIT_ADDRESS", settings.limit_address)
        self._by_token = read("ESTAFET_LIMIT_TOKEN", settings.limit_token)
        self._windows = FixedWindowRateLimiter(MemoryStorage())
        self._salt = os.urandom(16)
        #: Whose limit a token or a session counts against, by the digest of those that were good when last seen; the
        #: one seen last at the end.
        self._good: dict[str, str] = {}

    def count(self, request: Request, weight: int = 1, cookie: str | None = None) -> None:
        """Count a request. ``weight``: as how many it counts when nothing good comes with it.

        A token, or a session in the ``cookie`` of this name, that was not seen to be good counts for its sender's
        address. So trying them escapes no limit, and uses up nobody else's.

        Raises:
            Problem: ``too-many-requests``, with the seconds until the window ends.
        """
        secret = shown(request, cookie)
        whose = None if secret is None else self._good.get(self._digest(secret))
        if whose is not None:
            self._take(self._by_token, ("token", whose), 1)
        else:
            self._take(self._by_address, ("address", self._window(request.remote_addr or "")), weight)

    def learn(self, secret: str, good: bool, whose: str | None = None) -> None:
        """Whether a token or a session turned out to be one of ours. It is checked each time all the same.

        ``whose``: the account that it counts for, together with its others; None: it counts for itself.
        """
        digest = self._digest(secret)
        self._good.pop(digest, None)
        if good:
            self._good[digest] = whose or digest
        if len(self._good) > _REMEMBERED:
            del self._good[next(iter(self._good))]

    def _take(self, limits: list[RateLimitItem], key: tuple[str, str], weight: int) -> None:
        costs = [(each, min(weight, each.amount)) for each in limits]
        full = [each for each, cost in costs if not self._windows.test(each, *key, cost=cost)]
        full = full or [each for each, cost in costs if not self._windows.hit(each, *key, cost=cost)]
        if full:
            wait = max(self._windows.get_window_stats(each, *key).reset_time for each in full) - time.time()
            seconds = max(1, math.ceil(wait))
            sentence = f"Wait {seconds} s, then go on more slowly."
            raise Problem("too-many-requests", sentence, headers={"Retry-After": str(seconds)})

    def _window(self, address: str) -> str:
        number = hashlib.blake2b(customer(address).encode(), digest_size=8, key=self._salt).digest()
        return str(int.from_bytes(number) % WINDOWS)

    def _digest(self, secret: str) -> str:
        return hashlib.blake2b(secret.encode(errors="surrogateescape"), digest_size=16, key=self._salt).hexdigest()


def read(name: str, text: str) -> list[RateLimitItem]:
    """The limits written in the setting ``name``.

    Raises:
        SettingError: they cannot be read.
    """
    try:
        limits = parse_many(text)
    except ValueError:
        limits = []
    if not limits or any(each.amount < 1 for each in limits):
        raise SettingError(f"{name} must look like 120/minute, or 20/second;300/minute, not {text!r}")
    return limits


def customer(address: str) -> str:
    """What of an address stands for one customer: IPv4 whole, of IPv6 the first 64 bits.

    What is no address (a proxy may write what it likes) stands for itself.
    """
    try:
        found = ip_address(address.strip().strip("[]"))
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), _CUSTOMER), strict=False))


def shown(request: Request, cookie: str | None) -> str | None:
    """What a request shows to say who sends it: the session in this cookie, or, where none is named, the token."""
    return bearer(request) if cookie is None else request.cookies.get(cookie)


def bearer(request: Request) -> str | None:
    """The token of an ``Authorization`` header of the scheme Bearer (RFC 6750)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
