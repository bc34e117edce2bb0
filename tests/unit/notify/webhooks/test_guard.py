"""Where webhooks may go. What a name or a number in an odd form stands for is what counts."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from services.notify.webhooks.guard import Guard, Refused, is_public, read

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"]

HOUSE = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "::7f00:1"),
    *(
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
        "100::1",
    ),
    *("2001:2::1", "2001:10::1", "2001:20::1", "3fff::1", "5f00::1", "4000::1"),
]

#: Loopback and a cloud's metadata, as people write them who hope that nobody looks closely.
DISGUISED = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0"),
    *("localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"),
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]", "127.0.0.1."),
    *("①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛocalhost"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(ip_address(address))
    Guard().admit(ip_address(address), 443, secure=True)


@pytest.mark.parametrize("address", HOUSE)
def test_addresses_of_the_house_and_special_ones_are_not(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(Refused, match="not a public one"):
        Guard().admit(ip_address(address), 443, secure=True)


@pytest.mark.parametrize("host", DISGUISED)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_no_disguise_helps(host: str, scheme: str) -> None:
    with pytest.raises(Refused):
        Guard().check(f"{scheme}://{host}/hook")


@pytest.mark.parametrize(
    "url",
    [
        *("", "app.example", "//app.example/", "https://", "https:///hook", "file:///etc/passwd", "ftp://app.example/"),
        *("gopher://127.0.0.1:25/_x", "https://u:p@app.example/", "https://127.0.0.1#@app.example/", "https://a b/"),
        *("https://app.example:port/", "https://app.example/#part", "https://app.example\r\nHost: x/", "http://[::1/"),
        "https://app.example/" + "x" * 2000,
    ],
)
def test_what_is_no_url_of_a_webhook_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(Refused):
        read(url)


def test_public_addresses_are_reached_by_tls_and_not_at_other_services_ports() -> None:
    public = ip_address("93.184.216.34")
    with pytest.raises(Refused, match="only https"):
        Guard().admit(public, 80, secure=False)
    for port in (22, 25, 80, 1023):
        with pytest.raises(Refused, match="another service's"):
            Guard().admit(public, port, secure=True)
    Guard().admit(public, 8443, secure=True)


def test_the_operator_s_networks_are_allowed_as_they_are_and_nothing_beside_them() -> None:
    guard = Guard((ip_network("10.1.0.0/16"), ip_network("fd12::/16")))
    for inside in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1"):
        guard.admit(ip_address(inside), 80, secure=False)
    for outside in ("10.2.0.1", "127.0.0.1", "fd13::1", "::1", "::ffff:10.2.0.1"):
        with pytest.raises(Refused):
            guard.admit(ip_address(outside), 443, secure=True)


def test_a_name_that_nobody_knows_is_said_to_be_unknown() -> None:
    with pytest.raises(Refused, match="nobody knows the name"):
        Guard().check("https://app.invalid/hook")
