"""Where webhooks may go: public addresses, and networks that the operator allows.

Whoever names an endpoint makes our server send requests. Within the house these would reach what nobody outside can, so
what counts is the address a name stands for at the moment of connecting, and that very address is connected to.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LONGEST = 2000
_SECURE = 443

#: Today's public IPv6; what is outside stands for something else, often for an IPv4 address.
_UNICAST = IPv6Network("2000::/3")
#: Set apart for protocols, some of which wrap other addresses (Teredo, 6to4), or for examples. Python knows most of
#: this, and which depends on its version.
_SET_APART: tuple[Network, ...] = (
    *(IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20")),
    *(IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24")),
    # Public by its number, and yet of the house: a large cloud's machines are answered there by their own host.
    IPv4Network("168.63.129.16/32"),
)
#: Of a name as it is looked up, in ASCII; or of an IPv6 address.
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


class Refused(ValueError):
    """A webhook may not go there. The message says why."""


class Unknown(Refused):
    """Nobody knows the name, for now."""


@dataclass(frozen=True, slots=True)
class Guard:
    """``networks``: those the operator allows beside the public ones; only there without TLS, and on any port."""

    networks: tuple[Network, ...] = ()

    def check(self, url: str) -> httpx.URL:
        """Read a URL, and look whether where it points to now is allowed.

        Raises:
            Refused: it is not, or nobody knows the name.
        """
        parsed = read(url)
        self.resolve(parsed)
        return parsed

    def resolve(self, url: httpx.URL) -> list[str]:
        """The addresses that the name in a URL stands for just now.

        Raises:
            Refused: one of them is not allowed, or there is none.
        """
        host, port, secure = url.raw_host.decode(), port_of(url), url.scheme == "https"
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unknown(f"nobody knows the name {host}") from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        for address in addresses:
            self.admit(ip_address(address), port, secure)
        if not addresses:
            raise Unknown(f"nobody knows the name {host}")
        return addresses

    def admit(self, address: Address, port: int, secure: bool) -> None:
        """Raises Refused: a webhook may not go to this address and port."""
        if any(plain(address) in network for network in self.networks):
            return
        if not is_public(address):
            raise Refused(
                "the address is not a public one: the operator may allow its network, ESTAFET_WEBHOOK_NETWORKS"
            )
        if not secure:
            raise Refused("only https is allowed, so that nobody on the way reads along")
        if port != _SECURE and port < 1024:
            raise Refused(f"port {port} is another service's: use 443, or one from 1024 on")


def read(url: str) -> httpx.URL:
    """Raises Refused: it is no URL that a webhook can have."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused("it is not a URL, such as https://app.example/estafet") from error
    host = _HOST.fullmatch(parsed.raw_host.decode("ascii", "replace"))
    if parsed.scheme not in ("https", "http") or not host or len(url) > _LONGEST:
        raise Refused("it is not a URL, such as https://app.example/estafet")
    if parsed.userinfo or parsed.fragment:
        raise Refused("a URL here has no user, no password and nothing behind #")
    return parsed


def port_of(url: httpx.URL) -> int:
    return url.port or (_SECURE if url.scheme == "https" else 80)


def is_public(address: Address) -> bool:
    """Whether an address is of the internet at large, and of one machine."""
    if isinstance(address, IPv4Address):
        special = address.is_multicast or address.is_reserved or _is_set_apart(address)
        return address.is_global and not special
    if address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    ordinary = address in _UNICAST and address.scope_id is None
    return ordinary and address.is_global and not _is_set_apart(address)


def _is_set_apart(address: Address) -> bool:
    return any(address in each for each in _SET_APART)


def plain(address: Address) -> Address:
    """An IPv4 address that is written as IPv6, as what it is."""
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
